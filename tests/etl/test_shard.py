"""One shard: what a page printed twice costs, and what becomes of pages in other languages."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from etl.annotate import Annotation
from etl.parse import Hints, Page, parse
from etl.record import Record
from etl.shard import finder
from tests.helpers import STORY, PairAnnotator, pair_annotator


class Counting(PairAnnotator):
    """Counts the pages it is shown."""

    n = 0

    def __call__(self, pages: Sequence[Page]) -> Iterator[Annotation]:
        self.n += len(pages)
        return super().__call__(pages)


def page_of(text: str) -> Page:
    return parse(Record(0, text), Hints())


def test_a_page_printed_again_is_annotated_once_and_keeps_what_is_its_own() -> None:
    annotator = Counting()
    find = finder(lambda: annotator)
    first = page_of(STORY)
    again = replace(first, published_on=date(2032, 1, 1), publisher="The Tern")
    one, two = find(first), find(again)
    assert annotator.n == 1
    assert (one.page, two.page) == (first, again)
    assert two.quotes == one.quotes != ()
    assert two.mentions == one.mentions != ()


def test_what_is_found_in_a_page_does_not_hang_on_those_before_it() -> None:
    reprint = page_of(STORY.replace("Rain over the harbour", "Odile Marrack Speaks"))
    find = finder(pair_annotator)
    find(page_of(STORY))
    assert find(reprint) == finder(pair_annotator)(reprint)


def test_pages_in_other_languages_are_not_annotated() -> None:
    text = (
        "Der Hafen bleibt bis zum Frühjahr geschlossen, sagte Odile Marrack am Freitag vor der Presse in der Stadt.\n"
        * 3
    )
    annotator = Counting()
    found = finder(lambda: annotator)(page_of(text))
    assert (found.page.language, found.quotes, annotator.n) == ("de", (), 0)
