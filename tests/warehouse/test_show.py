"""An article in a terminal."""

from typing import Any

import pytest
from rich.console import Console

from warehouse.article import Found, Row
from warehouse.show import attribution, facts, render

TEXT = "Wall mended\n\n“We mended it,” Odile Marrack said.\n\nIt rained.\n"
ARTICLE: Row = {
    "article_id": "a1",
    "text": TEXT,
    "record_key": None,
    "published_on": "2031-03-04",
    "dateline_place": "PORT ORLA",
    "outlet": "The Tern",
    "source_uri": "in/wall.txt",
}


def span_of(words: str) -> dict[str, int]:
    return {"span_start": TEXT.index(words), "span_end": TEXT.index(words) + len(words)}


def found(quote_id: str | None = None, **changes: Any) -> Found:
    kinds = {"Wall mended": "headline", "“We mended it,” Odile Marrack said.": "paragraph", "It rained.": "paragraph"}
    passages = [{"passage_no": n, "kind": kind, **span_of(words)} for n, (words, kind) in enumerate(kinds.items())]
    speaker, cue = span_of("Odile Marrack"), span_of("said")
    quote = {
        "quote_id": "q1",
        "passage_no": 1,
        "kind": "direct",
        "speaker": "Odile Marrack",
        "who": "Odile Marrack",
        "speaker_type": "person",
        "speaker_via": "named",
        "cue": "said",
        "confidence": 0.9617,
        "is_unsaid": False,
        "speaker_start": speaker["span_start"],
        "speaker_end": speaker["span_end"],
        "cue_start": cue["span_start"],
        "cue_end": cue["span_end"],
        **span_of("“We mended it,”"),
        **changes,
    }
    return Found(ARTICLE, passages, [quote], [], quote_id)


def shown(article: Found, **reasons: list[str]) -> list[str]:
    screen = Console(width=80, color_system=None)
    with screen.capture() as captured:
        screen.print(render(article, reasons))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_speakers_stand_below_the_passage_that_quotes_them() -> None:
    assert shown(found(), q1=["nearest name"]) == [
        "2031-03-04 · PORT ORLA · The Tern · in/wall.txt",
        "article a1",
        "",
        "Wall mended",
        "",
        "“We mended it,”[1] Odile Marrack said.",
        "    [1] Odile Marrack  direct, person, named, said, confidence 0.96",
        "        nearest name",
        "",
        "It rained.",
        "",
    ]


def test_words_that_were_not_said_are_marked() -> None:
    assert "    [1] Odile Marrack  direct, not said, person, named, said, confidence 0.96" in shown(
        found(is_unsaid=True)
    )


def test_a_quote_is_shown_with_the_passages_around_it() -> None:
    lines = shown(found("q1", passage_no=0))
    assert "Wall mended" in lines
    assert "It rained." not in lines


def test_a_quote_that_goes_on_in_the_next_paragraph_is_marked_there_too() -> None:
    end = TEXT.index("It rained.") + len("It rained.")
    lines = shown(found(span_end=end))
    assert "“We mended it,” Odile Marrack said.[1]" in lines
    assert "It rained.[1]" in lines
    assert sum("direct, person" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("quote", "who"),
    [
        ({"who": "Odile Marrack", "speaker": "she"}, "Odile Marrack"),
        ({"who": None, "speaker": "a keeper"}, "a keeper"),
        ({"who": None, "speaker": None}, "nobody named"),
        ({"who": "Odile \x1b[31mMarrack"}, "Odile \\x1b[31mMarrack"),
    ],
)
def test_a_speaker_is_shown_by_the_best_name_there_is(quote: dict[str, Any], who: str) -> None:
    assert attribution(found(**quote).quotes[0])[0] == who


def test_a_record_is_named_by_its_key() -> None:
    assert facts({**ARTICLE, "published_on": None, "record_key": "7"}).endswith("in/wall.txt · record 7")
    assert facts({**ARTICLE, "published_on": None}).startswith("undated · ")
