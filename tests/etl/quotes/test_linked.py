import re

from etl.model.annotate import Annotation, unread
from etl.page.parse import Hints, Page, parse
from etl.quotes.linked import Linked, link
from etl.quotes.quotation_marks import Stretch
from etl.sources.record import Record
from tests.helpers import article, attributed, stretch

QUOTED = "“We shall mend it,”"
PAGE = article("Odile Marrack met Tobias Fenwright. “We shall mend it,” Marrack said of the wall.")


def linked(pattern: str, text: str = PAGE) -> tuple[Page, Linked]:
    """What is linked to the one quotation, if a pattern's groups are the content, source and cue."""
    page: Page = parse(Record(0, text), Hints())
    annotation: Annotation = unread(page)
    match = re.search(pattern, annotation.copy.text)
    assert match
    start = text.index(QUOTED)
    return page, link([attributed(match)], annotation.copy, [Stretch(start, start + len(QUOTED), 1)])


def test_a_quotation_is_linked_to_its_source() -> None:
    page, found = linked("(?P<content>We shall mend it).*(?P<source>Marrack) (?P<cue>said)")
    speaker, other = page.text.rindex("Marrack"), page.text.index("Tobias")
    (said,) = found.by_stretch[0]
    assert said.source is not None
    assert (said.source.start, said.source.end) == (speaker, speaker + 7)
    assert found.source(stretch(speaker, speaker + 7)) > 0.9 > found.source(stretch(other, other + 6)) == 0


def test_offsets_are_those_of_the_page_where_the_copy_differs() -> None:
    text = PAGE.replace("met Tobias", "met\nTo\u00adbias")
    page, found = linked("(?P<content>We shall mend it).*(?P<source>Marrack) (?P<cue>said)", text)
    (said,) = found.attributions
    assert said.source is not None
    assert said.cue is not None
    assert [page.text[part.start : part.end] for part in (said.content, said.source, said.cue)] == [
        "We shall mend it",
        "Marrack",
        "said",
    ]


def test_a_quotation_is_speech_as_far_as_content_covers_it() -> None:
    quoted = Stretch(PAGE.index(QUOTED), PAGE.index(QUOTED) + len(QUOTED), 1)
    _, whole = linked("(?P<content>We shall mend it)")
    _, half = linked("(?P<content>We shall)")
    _, beside = linked("(?P<content>of the wall)")
    assert whole.content(0, quoted) > half.content(0, quoted) > beside.content(0, quoted) == 0
