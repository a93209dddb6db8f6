"""``Key: value`` header lines, as exports and archives print them above or below an article."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from etl.sources.record import FIELD_NAMES

#: Keys of such lines that are not fields of a record but occur in the same blocks. Lower case, words joined by underscores.
OTHER_KEYS = frozenset(
    """abstract body byline_contact category company copyright country credit database document_type document_language edition
    full_text geographic graphic highlight industry issn issue journal_code keywords last_updated length load_date
    organization page pages people person place_of_publication product publication_date publication_subject
    publication_info publication_type publication_year publisher_information section series slug source_type state subject subjects
    summary tags ticker topics type volume word_count words""".split()
)
KEY_LINE = re.compile(r"(?P<key>[A-Za-z]{2,16}(?:[ _-][A-Za-z]{1,15}){0,2})[ \t]?:(?:[ \t]+|$)(?P<value>.*)")
FIELD_OF: Mapping[str, str] = MappingProxyType(
    {name: field for field, names in FIELD_NAMES.items() if field != "sections" for name in names}
)


def key_of(line: str) -> tuple[str, str] | None:
    """The key (lower case, with underscores) and the value of a line with a known key; None for any other line."""
    match = KEY_LINE.match(line)
    if not match:
        return None
    key = re.sub(r"[ _-]", "_", match["key"].lower())
    return (key, match["value"].strip()) if key in FIELD_OF or key in OTHER_KEYS else None
