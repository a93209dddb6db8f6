"""Signatures: the same on every machine, in every process, and alike for bodies that are alike."""

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Hamming

from etl.page.parse import Page
from etl.page.signature import LETTERS, MIN_WORDS, RUN, SIZE, shared, signature

WORDS = [f"word{n}" for n in range(400)]
#: The signature of `WORDS`. If it changes, raise the VERSION of `etl.page`: stored signatures cannot be compared with new ones.
PINNED = (
    "j3tPyr10IxQppvt4fPg0O7UA-xbVzDBx-9GePg9SRaDEuJY5bde2MDKNJ9_naFih"
    "EpSMeN9VBuZ7ojgI46ce5s90CAA7GOPHZQLAT-6nj5zY3ToxEvYMxArd_Jf14vVF"
)


def of(words: list[str]) -> str:
    return signature(Page(" ".join(words), ()))


def test_signature_is_pinned_and_the_same_in_other_processes_and_with_other_numbers_of_threads() -> None:
    assert of(WORDS) == PINNED
    code = (
        "from etl.page.parse import Page; from etl.page.signature import signature;"
        "print(signature(Page(' '.join(f'word{n}' for n in range(400)), ())))"
    )
    for threads, seed in (("1", "1"), ("4", "2")):
        environment = {**os.environ, "RAYON_NUM_THREADS": threads, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == PINNED


def test_case_spacing_and_punctuation_do_not_count() -> None:
    assert of(WORDS) == signature(Page(",\n".join(word.upper() for word in WORDS), ()))


def test_short_bodies_have_none() -> None:
    assert of(WORDS[: MIN_WORDS - 1]) == ""
    assert len(of(WORDS[:MIN_WORDS])) == SIZE
    assert set(of(WORDS)) <= set(LETTERS.tobytes().decode())


@given(st.integers(60, 400), st.integers(0, 340))
def test_the_distance_estimates_the_shared_runs(n: int, cut: int) -> None:
    cut = min(cut, n - MIN_WORDS)
    kept = n - cut
    estimate = shared(Hamming.distance(of(WORDS[:n]), of(WORDS[:kept])))
    assert abs(estimate - (kept - RUN + 1) / (n - RUN + 1)) < 0.2  # four standard deviations


def test_shared_is_all_of_equal_signatures_and_none_of_unlike_ones() -> None:
    assert shared(0) == 1
    assert shared(SIZE) == 0
    assert shared(SIZE * 63 // 64) < 0.01
