"""One shard: what a page printed twice costs, and what becomes of pages in other languages."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NoReturn
from unittest import mock

from etl.extract.job import FileJob
from etl.extract.shard import finder, process_file
from etl.model.annotate import Annotation
from etl.page.parse import Hints, Page, parse
from etl.sources.record import Record
from tests.helpers import STORY, PairAnnotator, pair_annotator, write


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


def test_a_defect_costs_one_file_or_one_record_and_is_put_on_record(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.jsonl": '{"text": "Rain."}\n{"text": "Snow."}\n'}) / "a.jsonl"
    job = FileJob(source_uri="wire/a.jsonl", path=bytes(path), parser="")

    def broken(*_: object) -> NoReturn:
        raise ZeroDivisionError("one day")

    with mock.patch("etl.extract.shard.read", broken):
        whole = process_file(job, 1000, finder(pair_annotator))
    assert [(r.reason, r.record_no) for r in whole.rejections] == [("error", None)]

    def broken_for_snow(record: Record, hints: Hints) -> Page:
        return broken() if "Snow" in record.text else parse(record, hints)

    with mock.patch("etl.extract.shard.parse", broken_for_snow):
        part = process_file(job, 1000, finder(pair_annotator))
    assert [(r.reason, r.record_no) for r in part.rejections] == [("error", 1)]
    assert [record.text for record, _ in part.articles] == ["Rain."]
