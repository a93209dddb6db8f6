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

#: In a transcript, a label may be such a key: "REPORTER: Who pays for all of it?", "LANG: Thank you." So a value of these fields is
#: none if it ends like a sentence and has at least so many words in lower case.
MIN_SMALL_WORDS = {"authors": 3, "publisher": 3, "language": 0}
SENTENCE_ENDS = (".", "?", "!")


def key_of(line: str) -> tuple[str, str] | None:
    """The key (lower case, with underscores) and the value of a line with a known key; None for any other line."""
    match = KEY_LINE.match(line)
    if not match:
        return None
    key, value = re.sub(r"[ _-]", "_", match["key"].lower()), match["value"].strip()
    least = MIN_SMALL_WORDS.get(FIELD_OF.get(key, ""))
    is_said = least is not None and value.endswith(SENTENCE_ENDS) and sum(map(str.islower, value.split())) >= least
    return (key, value) if (key in FIELD_OF or key in OTHER_KEYS) and not is_said else None
