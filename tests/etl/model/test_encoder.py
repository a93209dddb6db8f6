import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from etl.choices import DEFAULT_MODEL
from etl.errors import BrokenEnvironmentError
from etl.model.encoder import Encoder, Reading, best_labels
from etl.model.heads import COLUMNS, LINK, NAME_CLASSES, NAME_LABELS, STRETCH_LABELS, column
from etl.model.installed import (
    SUMS_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    altered,
    directory_of,
    is_installed,
    model_version,
)
from tests.helpers import STORY, write

LONG = "The ferry to Skerrow ran late again, its master said on Monday. " * 30
OTHER = f"Nobody knew.\n\n{LONG}"


@cache
def encoder() -> Encoder:
    return Encoder(directory_of(DEFAULT_MODEL))


def digest(reading: Reading) -> str:
    """A hash of every bit."""
    arrays_of = (reading.starts, reading.ends, reading.scores, reading.window, reading.openings)
    return sha256(b"".join(each.tobytes() for each in arrays_of)).hexdigest()


DIGEST = """
import sys
from tests.etl.model.test_encoder import digest, encoder
print(digest(encoder()(sys.stdin.read())))
"""


def test_a_reading_is_the_same_to_the_bit_whatever_was_read_before() -> None:
    text = STORY + OTHER
    alone = digest(Encoder(directory_of(DEFAULT_MODEL))(text))
    encoder()(OTHER)
    assert digest(encoder()(text)) == digest(encoder()(text)) == alone


def test_a_reading_is_the_same_to_the_bit_in_another_process() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", DIGEST], input=STORY, capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == digest(encoder()(STORY))


def test_paragraphs_in_another_window_change_nothing() -> None:
    first = "The ferry ran late again. " * 25 + "It rained."
    alone, followed = encoder()(first), encoder()(f"{first}\n\n{LONG}")
    n = len(alone.starts)
    assert (followed.window[n - 1], followed.window[n]) == (alone.window[-1], alone.window[-1] + 1)
    assert np.array_equal(alone.scores, followed.scores[:n])


def test_a_text_without_words_is_read() -> None:
    for text in ("", " \n\n\t", "\u200b"):
        reading = encoder()(text)
        assert len(reading.starts) == len(reading.scores) == 0
        assert reading.names() == reading.stretches("content") == []
        assert reading.name_odds().shape == (1, len(NAME_CLASSES))
        assert reading.words_at(np.zeros(1, np.int64), np.ones(1, np.int64)).tolist() == [0]


def test_a_word_of_a_hundred_kilobytes_is_one_word() -> None:
    reading = encoder()("x" * 100_000)
    assert (reading.starts.tolist(), reading.ends.tolist()) == ([0], [100_000])
    assert np.isfinite(reading.scores).all()


def test_a_special_piece_that_is_printed_is_a_word_like_others() -> None:
    """Nothing that an article holds may look like the end of a window."""
    reading = encoder()("a [SEP] b")
    assert reading.starts.tolist() == [0, 2, 3, 6, 8]


@pytest.mark.parametrize("missing", [WEIGHTS_FILE, TOKENIZER_FILE])
def test_a_directory_without_one_of_its_files_is_no_encoder(tmp_path: Path, missing: str) -> None:
    write(tmp_path, {name: "" for name in (WEIGHTS_FILE, TOKENIZER_FILE) if name != missing})
    with pytest.raises(BrokenEnvironmentError, match=f"{tmp_path} has no {missing}.*--model"):
        Encoder(tmp_path)
    assert not is_installed(str(tmp_path))


@pytest.mark.parametrize(
    ("damaged", "content"),
    [(WEIGHTS_FILE, "{}"), (TOKENIZER_FILE, "{broken"), (TOKENIZER_FILE, Tokenizer(WordPiece()).to_str())],
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, damaged: str, content: str) -> None:
    for name in (WEIGHTS_FILE, TOKENIZER_FILE):
        (tmp_path / name).symlink_to(directory_of(DEFAULT_MODEL) / name)
    (tmp_path / damaged).unlink()
    write(tmp_path, {damaged: content})
    with pytest.raises(BrokenEnvironmentError, match=rf"{tmp_path / damaged} cannot be loaded \(.*--model"):
        Encoder(tmp_path)


@pytest.mark.parametrize("name", [WEIGHTS_FILE, TOKENIZER_FILE])
def test_one_flipped_bit_in_an_encoder_that_ships_is_noticed(tmp_path: Path, name: str) -> None:
    """It may load all the same, and then finds other names and quotations without a word about it."""
    shipped = directory_of(DEFAULT_MODEL)
    assert sorted(path.name for path in shipped.iterdir()) == sorted([WEIGHTS_FILE, TOKENIZER_FILE, SUMS_FILE])
    shutil.copytree(shipped, tmp_path / "flipped")
    content = bytearray((tmp_path / "flipped" / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "flipped" / name).write_bytes(content)
    with pytest.raises(BrokenEnvironmentError, match=rf"flipped/{name} is damaged: .*; install ontherecord again"):
        Encoder(tmp_path / "flipped")


@pytest.mark.parametrize(
    "sums",
    [
        b"\n0000  notes.txt\nabc\n\xff\xfe\n",
        f"{sha256(b'1').hexdigest().upper()} *{WEIGHTS_FILE}\n".encode(),
    ],
    ids=["other files", "binary mode"],
)
def test_the_sums_of_an_own_encoder_may_name_other_files_and_be_of_any_form(tmp_path: Path, sums: bytes) -> None:
    write(tmp_path, {WEIGHTS_FILE: "1", TOKENIZER_FILE: "2"})
    (tmp_path / SUMS_FILE).write_bytes(sums)
    assert not altered(tmp_path)
    write(tmp_path, {WEIGHTS_FILE: "other"})
    assert altered(tmp_path) == ([tmp_path / WEIGHTS_FILE] if b"*" in sums else [])


def test_an_encoder_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COLUMNS, "head_to", LINK + 1)
    with pytest.raises(BrokenEnvironmentError, match="of another version"):
        Encoder(directory_of(DEFAULT_MODEL))


def test_a_version_names_the_files_there_are(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, {WEIGHTS_FILE: "", TOKENIZER_FILE: name})
    assert model_version(str(tmp_path / "a")).split()[1] != model_version(str(tmp_path / "b")).split()[1]
    assert model_version("elsewhere") == "elsewhere"
    assert is_installed(DEFAULT_MODEL)


def test_both_ways_of_multiplying_bytes_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processors without VNNI add pairs of products in 16 bits, which may overflow, unless they are told to be exact."""
    exact = onnxruntime.SessionOptions()
    exact.add_session_config_entry("session.x64quantprecision", "1")
    monkeypatch.setattr("onnxruntime.SessionOptions", lambda: exact)
    assert np.array_equal(Encoder(directory_of(DEFAULT_MODEL))(OTHER).scores, encoder()(OTHER).scores)


def is_allowed(labels: tuple[str, ...]) -> bool:
    """Whether each I follows a B or an I of its class."""
    return all(
        not here.startswith("I") or (before != "O" and before[1:] == here[1:])
        for before, here in itertools.pairwise(("O", *labels))
    )


def by_brute_force(scores: np.ndarray, labels: tuple[str, ...]) -> float:
    """The highest sum of scores over all sequences that are allowed. A word that alone is best outside is outside."""
    choices = [("O",) if row.argmax() == 0 else labels for row in scores]
    return max(total(scores, labels, path) for path in itertools.product(*choices) if is_allowed(path))


def total(scores: np.ndarray, labels: tuple[str, ...], path: tuple[str, ...]) -> float:
    return sum(float(row[labels.index(label)]) for row, label in zip(scores, path, strict=True))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([STRETCH_LABELS, NAME_LABELS[:5]]).flatmap(
        lambda labels: st.tuples(
            st.just(labels),
            st.integers(1, 4).flatmap(lambda n: arrays(np.float32, (n, len(labels)), elements=st.integers(-8, 8))),
        )
    )
)
def test_labels_are_the_best_of_all_that_are_allowed(case: tuple[tuple[str, ...], np.ndarray]) -> None:
    labels, scores = case
    best = tuple(labels[n] for n in best_labels(scores, labels).tolist())
    assert is_allowed(best)
    assert total(scores, labels, best) == by_brute_force(scores, labels)


def reading_of(labels: str, head: str = "content", paragraphs: Sequence[int] = ()) -> Reading:
    """Words of three letters and a space whose scores speak for labels (O, B or I)."""
    scores = np.zeros((len(labels), sum(COLUMNS.values())), np.float32)
    for n, label in enumerate(labels):
        scores[n, column(head).start + STRETCH_LABELS.index(label)] = 3
    starts = np.arange(len(labels), dtype=np.int32) * 4
    return Reading(
        starts,
        starts + 3,
        scores,
        np.zeros(len(labels), np.int32),
        np.zeros((1, scores.shape[1]), np.float32),
        np.array(paragraphs or [0] * len(labels)),
    )


def test_a_stretch_is_a_first_word_and_those_that_go_on() -> None:
    first, second = reading_of("OBIIBO").stretches("content")
    assert (first.words, first.start, first.end) == (range(1, 4), 4, 15)
    assert (second.words, second.start, second.end) == (range(4, 5), 16, 19)
    sure = np.exp(3) / (np.exp(3) + 2)
    assert [first.probability, first.least, first.begins] == pytest.approx([sure] * 3)
    assert first.ends == pytest.approx(1 - (1 - sure) / 2)
    assert reading_of("OBI").stretches("content")[0].ends == 1.0
    assert [s.words for s in reading_of("BIII", paragraphs=[0, 0, 1, 1]).stretches("content")] == [
        range(2),
        range(2, 4),
    ]
    assert reading_of("OBI").stretches("cue") == []


def test_the_odds_of_names_add_up_over_their_labels() -> None:
    scores = np.zeros((1, sum(COLUMNS.values())), np.float32)
    scores[0, column("name").start + NAME_LABELS.index("I-ORG")] = 5
    none = np.zeros(1, np.int32)
    odds = Reading(none, none + 3, scores, none, scores, none).name_odds()
    share = 1 / (np.exp(5) + len(NAME_LABELS) - 1)
    assert odds[0, NAME_CLASSES.index("ORG")] == pytest.approx((np.exp(5) + 1) * share)
    assert odds[0, NAME_CLASSES.index("PER")] == pytest.approx(2 * share)
    assert not odds[1].any()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=6), st.integers(0, 30), st.integers(1, 5))
def test_the_word_at_a_place_begins_there_or_else_holds_it(gaps: list[tuple[int, int]], start: int, size: int) -> None:
    spans, at = [], 0
    for gap, length in gaps:
        spans.append((at + gap, at + gap + length))
        at += gap + length
    starts, ends = (np.array([span[n] for span in spans], np.int32) for n in (0, 1))
    none = np.zeros((len(spans), 1), np.float32)
    (found,) = Reading(starts, ends, none, starts, none, starts).words_at(np.array([start]), np.array([start + size]))
    begun = [n for n, (a, _) in enumerate(spans) if start <= a < start + size]
    held = [n for n, (a, b) in enumerate(spans) if a <= start < b]
    assert found == next(iter(begun or held), len(spans))


def test_a_link_is_a_product_of_two_words_and_stays_in_its_window() -> None:
    scores = np.zeros((3, sum(COLUMNS.values())), np.float32)
    scores[0, column("content_cue_from")] = 1
    scores[1, column("content_cue_to")], scores[2, column("content_cue_to")] = 2, 9
    openings = np.zeros((2, scores.shape[1]), np.float32)
    openings[0, column("content_cue_to")] = 1
    at = np.arange(3, dtype=np.int32)
    to_second, to_third, to_none = Reading(at, at + 1, scores, np.array([0, 0, 1], np.int32), openings, at).links(
        "content_cue", 0, [1, 2]
    )
    assert (to_second, to_none) == (2 * LINK**0.5, LINK**0.5)
    assert to_third < -1000
