"""What the encoder is fitted on, without what fits it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from etl.model.annotate import unread
from etl.model.heads import NAME_LABELS, RELATIONS, TAGS
from etl.model.pieces import CLOSING, OPENING, WINDOW, pieces_of
from etl.model.syntax import Tree
from etl.page.parse import Hints, parse
from etl.sources.record import Record
from etl.training.encoder_data import (
    BEGIN,
    IGNORED,
    INSIDE,
    LABELS,
    Window,
    name_windows,
    plain_windows,
    speech_windows,
)
from etl.training.silver_trees import SilverParser
from tests.etl.model.test_pieces import tokenizer
from tests.helpers import article

LONG = "“We shall mend the whole of it long before the winter storms come in from the sea,”"
STORY = article("Odile Marrack said that the wall would hold.", f"{LONG} Tobias Fenwright added.", day=None)
#: So many words that they fill windows of their own.
FILLER = "The ferry ran late again. " * 60
ROOTS = ("said", "added", "ran")


class Stub(SilverParser):
    """A parser to which every word depends on a verb that it knows, or else on the first word."""

    def __init__(self) -> None: ...

    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        return [_tree(list(words)) for words in sentences]


def _tree(words: list[str]) -> Tree:
    root = next((n for n, word in enumerate(words) if word in ROOTS), 0)
    relations = tuple("ROOT" if n == root else "dep" for n in range(len(words)))
    return Tree(tuple("VBD" if n == root else "NN" for n in range(len(words))), relations, (root,) * len(words))


def gold(folder: Path, text: str, **lists: Sequence[Mapping[str, Any]]) -> Path:
    path = folder / "gold.jsonl"
    path.write_text(json.dumps({"text": text, **lists}) + "\n", encoding="utf-8")
    return path


def quote(text: str, content: str, speaker: str | None, cue: str | None) -> dict[str, Any]:
    start = text.index(content)
    found = {"start": start, "end": start + len(content), "cue": cue, "speaker_start": None, "speaker_end": None}
    if speaker:
        found |= {"speaker_start": text.index(speaker), "speaker_end": text.index(speaker) + len(speaker)}
    return found


def of_speech(folder: Path, text: str, *quotes: Mapping[str, Any]) -> list[Window]:
    (windows,) = speech_windows(gold(folder, text, quotes=quotes), Stub(), tokenizer())
    return windows


class Labelled:
    """The labels of an article's windows, by word."""

    def __init__(self, text: str, windows: Sequence[Window]) -> None:
        copy = unread(parse(Record(0, text), Hints())).copy.text
        self.pieces = pieces_of(copy, tokenizer())
        self.words = [copy[a:b] for a, b in zip(self.pieces.starts, self.pieces.ends, strict=True)]
        self.labels = np.concatenate([window.labels[:, 1:-1] for window in windows], axis=1)

    def of(self, name: str) -> list[int]:
        found: list[int] = self.labels[LABELS.index(name), self.pieces.firsts].tolist()
        return found

    def marked(self, name: str) -> Iterator[tuple[str, int]]:
        """The words with a label other than outside."""
        return (
            (word, label) for word, label in zip(self.words, self.of(name), strict=True) if label not in (0, IGNORED)
        )

    def place(self, word: str) -> int:
        """The place of a word in the first window, after its opening piece."""
        return int(self.pieces.firsts[self.words.index(word)]) + 1


def test_labels_are_at_first_pieces_only(tmp_path: Path) -> None:
    windows = of_speech(tmp_path, STORY, quote(STORY, "that the wall would hold", "Odile Marrack", "said"))
    labelled = Labelled(STORY, windows)
    others = np.setdiff1d(np.arange(labelled.labels.shape[1]), labelled.pieces.firsts)
    assert len(others)
    assert (labelled.labels[:, others] == IGNORED).all()
    assert all((window.labels[:, [0, -1]] == IGNORED).all() for window in windows)


def test_windows_hold_the_pieces_of_the_article_between_two_that_enclose_them(tmp_path: Path) -> None:
    text = article(FILLER, STORY, day=None)
    windows = of_speech(tmp_path, text)
    pieces = Labelled(text, windows).pieces
    assert len(windows) > 1
    assert np.array_equal(
        np.concatenate([w.inputs[:, 1:-1] for w in windows], axis=1), [pieces.ids, pieces.shapes, pieces.breaks]
    )
    for window in windows:
        assert window.inputs.shape[1] == window.labels.shape[1] <= WINDOW
        assert window.inputs[0, [0, -1]].tolist() == [tokenizer().token_to_id(piece) for piece in (OPENING, CLOSING)]


def test_what_is_said_who_says_it_and_the_words_that_say_so_are_marked_and_linked(tmp_path: Path) -> None:
    said = quote(STORY, "that the wall would hold", "Odile Marrack", "said")
    added = quote(STORY, LONG, "Tobias Fenwright", "added")
    labelled = Labelled(STORY, of_speech(tmp_path, STORY, said, added))
    content = list(labelled.marked("content"))
    assert content[:5] == [("that", BEGIN), *((word, INSIDE) for word in "the wall would hold".split())]
    assert content[5] == ("“", BEGIN)
    assert [word for word, label in content if label == BEGIN] == ["that", "“"]
    assert list(labelled.marked("cue")) == [("said", BEGIN), ("added", BEGIN)]
    assert list(labelled.marked("source")) == [
        ("Odile", BEGIN), ("Marrack", INSIDE), ("Tobias", BEGIN), ("Fenwright", INSIDE),
    ]  # fmt: skip
    assert list(labelled.marked("content_source")) == [
        ("that", labelled.place("Odile")),
        ("“", labelled.place("Tobias")),
    ]
    assert list(labelled.marked("content_cue")) == [("that", labelled.place("said")), ("“", labelled.place("added"))]
    assert set(labelled.of("name")) == {IGNORED}


def test_words_that_nobody_says_are_linked_to_none(tmp_path: Path) -> None:
    labelled = Labelled(STORY, of_speech(tmp_path, STORY, quote(STORY, "that the wall would hold", None, None)))
    for link in ("content_source", "content_cue"):
        assert [label for label in labelled.of(link) if label != IGNORED] == [0]


def test_a_source_in_another_window_is_none(tmp_path: Path) -> None:
    text = article("Odile Marrack came.", FILLER, "The wall would hold, it was said.", day=None)
    labelled = Labelled(text, of_speech(tmp_path, text, quote(text, "The wall would hold", "Odile Marrack", "said")))
    assert [label for label in labelled.of("content_source") if label != IGNORED] == [0]
    assert [label for label in labelled.of("content_cue") if label != IGNORED] != [0]
    assert [word for word, _ in labelled.marked("source")] == ["Odile", "Marrack"]


def test_a_cue_is_the_nearest_outside_the_content(tmp_path: Path) -> None:
    text = article("Quill said no. Marrack said what was said would hold. Reed said so.", day=None)
    labelled = Labelled(text, of_speech(tmp_path, text, quote(text, "what was said would hold", "Marrack", "said")))
    cues = [n for n, label in enumerate(labelled.of("cue")) if label == BEGIN]
    assert [labelled.words[n - 1] for n in cues] == ["Marrack"]


@pytest.mark.parametrize(("kind", "label"), [("PERSON", "PER"), ("PER", "PER"), ("Location", "LOC"), ("DATE", None)])
def test_names_are_marked_with_the_classes_of_the_encoder(tmp_path: Path, kind: str, label: str | None) -> None:
    start = STORY.index("Odile Marrack")
    entity = {"start": start, "end": start + len("Odile Marrack"), "type": kind}
    (windows,) = name_windows(gold(tmp_path, STORY, entities=[entity]), Stub(), tokenizer())
    labelled = Labelled(STORY, windows)
    parts = [] if label is None else [("Odile", f"B-{label}"), ("Marrack", f"I-{label}")]
    assert list(labelled.marked("name")) == [(word, NAME_LABELS.index(part)) for word, part in parts]
    assert IGNORED not in labelled.of("name")
    assert {label for row in ("content", "cue", "source", "content_source") for label in labelled.of(row)} == {IGNORED}


def test_every_word_has_the_syntax_that_the_parser_gives_it() -> None:
    (windows,) = plain_windows([STORY], Stub(), tokenizer())
    labelled = Labelled(STORY, windows)
    said = labelled.words.index("said")
    sentence = range(labelled.words.index("Odile"), labelled.words.index("hold") + 2)
    tags, relations, heads = ([labelled.of(row)[n] for n in sentence] for row in ("tag", "relation", "head"))
    assert heads == [labelled.place("said")] * len(sentence)
    is_root = [n == said for n in sentence]
    assert tags == [TAGS["VBD"] if root else TAGS["NN"] for root in is_root]
    assert relations == [RELATIONS["ROOT"] if root else RELATIONS["dep"] for root in is_root]
    assert {label for row in ("name", "content", "cue", "source") for label in labelled.of(row)} == {IGNORED}


def test_a_long_quotation_has_the_syntax_of_its_clause_at_its_first_word() -> None:
    (windows,) = plain_windows([STORY], Stub(), tokenizer())
    labelled = Labelled(STORY, windows)
    first, end = labelled.words.index("“"), labelled.words.index("”") + 1
    tags, relations, heads = (labelled.of(row)[first:end] for row in ("tag", "relation", "head"))
    assert (tags[0], relations[0], heads[0]) == (IGNORED, RELATIONS["dep"], labelled.place("added"))
    assert set(tags[1:]) == set(relations[1:]) == set(heads[1:]) == {IGNORED}
