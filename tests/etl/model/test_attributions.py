from collections.abc import Mapping

import numpy as np
import pytest

from etl.model.attributions import Attribution, attributions
from etl.model.encoder import NEVER, Reading
from etl.model.heads import COLUMNS, LINK, STRETCH_LABELS, column

TEXT = "Quill left. Odile Marrack said the wall held."
WORDS = ["Quill", "left", ".", "Odile", "Marrack", "said", "the", "wall", "held", "."]
#: The words that each head labels, as O, B and I.
CONTENT, CUE, SOURCE = "OOOOOOBIIO", "OOOOOBOOOO", "BOOBIOOOOO"
CONTENT_AT, CUE_AT, QUILL, MARRACK = 6, 5, 0, 3
Links = Mapping[tuple[str, int, int], float]


def reading(
    content: str,
    cue: str,
    source: str,
    links: Links,
    none: float = 0.0,
    windows: str = "0" * 10,
    paragraphs: str = "0" * 10,
) -> Reading:
    """Scores that speak for labels, and for links: by the kind, the word that a link is from and the word it is to."""
    scores = np.zeros((len(WORDS), sum(COLUMNS.values())), np.float32)
    for head, labels in (("content", content), ("cue", cue), ("source", source)):
        for n, label in enumerate(labels):
            scores[n, column(head).start + STRETCH_LABELS.index(label)] = 5
    for (kind, start, end), score in links.items():
        scores[start, column(f"content_{kind}_from").start + end] = score * LINK**0.5
        scores[end, column(f"content_{kind}_to").start + end] = 1
    window = np.array([int(n) for n in windows], np.int32)
    openings = np.zeros((window.max() + 1, scores.shape[1]), np.float32)
    for kind in ("source", "cue"):
        scores[:, column(f"content_{kind}_from").stop - 1] = none * LINK**0.5
        openings[:, column(f"content_{kind}_to").stop - 1] = 1
    starts = np.array([TEXT.index(word) if word != "." else TEXT.index(".") for word in WORDS], np.int32)
    starts[-1] = len(TEXT) - 1
    ends = starts + np.array([len(word) for word in WORDS], np.int32)
    return Reading(starts, ends, scores, window, openings, np.array([int(n) for n in paragraphs], np.int32))


def printed(found: Attribution) -> tuple[str | None, str | None, str]:
    """The source, the cue and the content as they stand in the text."""
    source, cue, content = (TEXT[s.start : s.end] if s else None for s in (found.source, found.cue, found.content))
    return source, cue, content or ""


def test_a_content_has_the_source_and_the_cue_that_its_links_go_to() -> None:
    links = {("source", CONTENT_AT, QUILL): 2.0, ("source", CONTENT_AT, MARRACK): 5.0, ("cue", CONTENT_AT, CUE_AT): 4.0}
    (found,) = attributions(reading(CONTENT, CUE, SOURCE, links))
    assert printed(found) == ("Odile Marrack", "said", "the wall held")
    assert found.link == pytest.approx(3.0)


def test_a_content_whose_links_go_to_none_has_neither() -> None:
    links = {("source", CONTENT_AT, MARRACK): 5.0, ("cue", CONTENT_AT, CUE_AT): 4.0}
    (found,) = attributions(reading(CONTENT, CUE, SOURCE, links, none=6.5))
    assert printed(found) == (None, None, "the wall held")
    assert found.link == pytest.approx(1.5)


def test_a_source_in_another_window_is_none_of_its_own() -> None:
    links = {("source", CONTENT_AT, QUILL): 9.0, ("source", CONTENT_AT, MARRACK): 1.0}
    (found,) = attributions(reading(CONTENT, CUE, SOURCE, links, windows="0001111111"))
    assert printed(found)[0] == "Odile Marrack"
    (found,) = attributions(reading(CONTENT, CUE, "BOOOOOOOOO", links, windows="0001111111"))
    assert found.source is None
    assert found.link > 1000


def test_a_source_or_cue_in_another_paragraph_is_none_of_its_own() -> None:
    links = {("source", CONTENT_AT, QUILL): 9.0, ("source", CONTENT_AT, MARRACK): 1.0, ("cue", CONTENT_AT, CUE_AT): 4.0}
    (found,) = attributions(reading(CONTENT, CUE, SOURCE, links, paragraphs="0001111111"))
    assert printed(found)[:2] == ("Odile Marrack", "said")
    (found,) = attributions(reading(CONTENT, CUE, SOURCE, links, paragraphs="0000001111"))
    assert printed(found)[:2] == (None, None)


def test_a_source_inside_the_content_is_not_who_says_it() -> None:
    links = {("source", 3, MARRACK + 1): 9.0, ("source", 3, QUILL): 1.0}
    (found,) = attributions(reading("OOOBIIIIIO", "O" * 10, "BOOOBOOOOO", links))
    assert printed(found) == ("Quill", None, "Odile Marrack said the wall held")


@pytest.mark.parametrize("source", ["O" * 10, "BOOOOOOOOO"])
def test_without_sources_in_its_window_there_is_none_and_no_doubt(source: str) -> None:
    """Whatever stands in other windows."""
    (found,) = attributions(reading(CONTENT, "O" * 10, source, {}, windows="0001111111"))
    assert (found.source, found.cue) == (None, None)
    assert found.link == -NEVER


def test_a_doubtful_content_is_read_with_and_without_what_is_doubtful() -> None:
    """The last word is outside, but only just."""
    doubtful = reading(CONTENT, CUE, SOURCE, {})
    last = column("content").start + np.array([STRETCH_LABELS.index("I"), STRETCH_LABELS.index("O")])
    doubtful.scores[CONTENT_AT + 2, last] = [4.0, 5.0]
    assert {printed(each)[2] for each in attributions(doubtful)} == {"the wall", "the wall held"}


def test_contents_are_in_order_and_without_any_there_is_nothing() -> None:
    found = attributions(reading("BIOOOOBIIO", CUE, SOURCE, {}, none=1.0))
    assert [printed(each)[2] for each in found] == ["Quill left", "the wall held"]
    assert attributions(reading("O" * 10, CUE, SOURCE, {})) == []
