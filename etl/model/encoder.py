"""The encoder: one small transformer that scores each word of a text for names, attributions and syntax."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from etl.errors import BrokenEnvironmentError
from etl.model.heads import COLUMNS, LINK, NAME_CLASSES, NAME_LABELS, STRETCH_LABELS, column
from etl.model.installed import SUMS_FILE, TOKENIZER_FILE, WEIGHTS_FILE, altered
from etl.model.pieces import CLOSING, OPENING, PARAGRAPH, pieces_of, windows

_Floats = NDArray[np.float32]
_Ints = NDArray[np.int32]

#: An optimization of ONNX Runtime that makes this graph six times slower.
UNWANTED = ["SkipLayerNormFusion"]
#: What to do about an encoder that cannot be loaded.
REMEDY = "install ontherecord again, or name another directory with --model"
#: Below any score.
NEVER = np.float32(-1e4)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words with one label, their numbers and their code points [start, end).

    ``probability`` is the mean of the words' probabilities (0 to 1) of their labels, ``least`` the smallest. ``begins`` and
    ``ends`` are the probabilities that the stretch begins and ends just there.
    """

    words: range
    start: int
    end: int
    label: str
    probability: float
    least: float
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder says of a text of w words.

    ``starts`` and ``ends`` are the words' code points; ``scores`` (w, columns of `COLUMNS`); ``window`` and ``paragraph`` are the
    numbers of each word's, and ``openings`` has the scores of each window's opening piece, which stands for "none" in links.
    """

    starts: _Ints
    ends: _Ints
    scores: _Floats
    window: _Ints
    openings: _Floats
    paragraph: _Ints

    def names(self) -> list[Stretch]:
        """The names, with their class."""
        return self._labelled("name", NAME_LABELS)

    def name_odds(self) -> _Floats:
        """The probability that each word is in a name of each class (w, `NAME_CLASSES`), and a last row for no word."""
        odds = _softmax(self.scores[:, column("name")])
        return np.vstack([odds[:, 1::2] + odds[:, 2::2], np.zeros((1, len(NAME_CLASSES)), np.float32)])

    def words_at(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.intp]:
        """The numbers of the words that begin in code points [start, end), or else of those that hold the start; w for none."""
        n = len(self.starts)
        at = np.searchsorted(self.starts, starts)
        begins = np.append(self.starts, np.iinfo(np.int32).max)[at] < ends
        held = at - 1
        holds = (at > 0) & (np.append(self.ends, 0)[held] > starts)
        return np.where(begins, at, np.where(holds, held, n))

    def stretches(self, label: str, outside: float = 0.0) -> list[Stretch]:
        """The contents, cues or sources of attributions; ``outside`` is added to the scores of words outside them."""
        return self._labelled(label, STRETCH_LABELS, outside)

    def _labelled(self, head: str, labels: Sequence[str], outside: float = 0.0) -> list[Stretch]:
        """The most likely stretches of one head: runs of B and I of one class in one paragraph, by the Viterbi algorithm."""
        scores = self.scores[:, column(head)]
        weighed = scores + np.array([outside, *[0.0] * (len(labels) - 1)], np.float32)
        if not len(scores) or not weighed.argmax(axis=1).any():
            return []
        best, odds = best_labels(weighed, labels), _softmax(scores)
        probability = odds[np.arange(len(best)), best]
        found = []
        goes_on = np.array([label.startswith("I") for label in labels])[best]
        goes_on[1:] &= self.paragraph[1:] == self.paragraph[:-1]
        for first in np.flatnonzero((best > 0) & ~goes_on).tolist():
            end = first + 1
            while end < len(best) and goes_on[end]:
                end += 1
            inside = labels.index("I" + labels[best[first]][1:])
            stretch = Stretch(
                words=range(first, end),
                start=int(self.starts[first]),
                end=int(self.ends[end - 1]),
                label=labels[best[first]][2:],
                probability=float(probability[first:end].mean()),
                least=float(probability[first:end].min()),
                begins=float(probability[first]),
                ends=1.0 - float(odds[end, inside]) if end < len(best) else 1.0,
            )
            found.append(stretch)
        return found

    def links(self, name: str, word: int, to: Sequence[int]) -> _Floats:
        """Scores of the links from one word to others, and last that to none. A link does not leave its window."""
        here = self.window[word]
        ends = np.vstack([self.scores[list(to)], self.openings[here : here + 1]])[:, column(f"{name}_to")]
        found: _Floats = ends @ self.scores[word, column(f"{name}_from")] / np.float32(LINK**0.5)
        found[:-1][self.window[list(to)] != here] = NEVER
        return found


class Encoder:
    """A loaded encoder. One call of the network per window, so that a result depends only on its own window."""

    def __init__(self, directory: Path) -> None:
        """Load an encoder from its two files.

        Raises:
            BrokenEnvironmentError: when one of them is missing, damaged or of another version, or a library is missing.

        """
        weights, vocabulary = directory / WEIGHTS_FILE, directory / TOKENIZER_FILE
        for path in (weights, vocabulary):
            if not path.is_file():
                raise BrokenEnvironmentError(f"{directory} has no {path.name}, so it is no encoder; {REMEDY}")
        for path in altered(directory):
            raise BrokenEnvironmentError(f"{path} is damaged: it is not the file that {SUMS_FILE} states; {REMEDY}")
        with _naming(vocabulary):
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(vocabulary))
            self._ends = [self._tokenizer.token_to_id(piece) for piece in (OPENING, CLOSING)]
            if None in self._ends:
                raise ValueError(f"it has no pieces {OPENING} and {CLOSING}")
        with _naming(weights):
            from onnxruntime import InferenceSession, SessionOptions  # type: ignore[import-untyped]  # it has no types

            options = SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session = InferenceSession(
                weights, options, providers=["CPUExecutionProvider"], disabled_optimizers=UNWANTED
            )
            n_columns = self._run(np.zeros((3, 1), np.int32)).shape[-1]
            if n_columns != sum(COLUMNS.values()):
                raise ValueError(
                    f"it gives {n_columns} scores a word, not {sum(COLUMNS.values())}: it is of another version"
                )

    def __call__(self, text: str) -> Reading:
        """Read a text."""
        pieces = pieces_of(text, self._tokenizer)
        inputs = np.stack([pieces.ids, pieces.shapes, pieces.breaks])
        cuts = list(windows(pieces, text))
        bounds = np.searchsorted(pieces.firsts, [first for first, _ in cuts] + [len(pieces.ids)])
        scores = np.empty((len(pieces.firsts), sum(COLUMNS.values())), np.float32)
        openings = np.empty((len(cuts), scores.shape[1]), np.float32)
        for n, (first, end) in enumerate(cuts):
            output = self._run(inputs[:, first:end])
            own = slice(bounds[n], bounds[n + 1])
            scores[own] = output[1:-1][pieces.firsts[own] - first]
            openings[n] = output[0]
        window = np.repeat(np.arange(len(cuts), dtype=np.int32), np.diff(bounds))
        paragraph = np.cumsum(pieces.breaks[pieces.firsts] == PARAGRAPH).astype(np.int32)
        return Reading(pieces.starts, pieces.ends, scores, window, openings, paragraph)

    def _run(self, inputs: _Ints) -> _Floats:
        """The scores of one window's pieces, with those that enclose it."""
        enclosed = np.zeros((3, inputs.shape[1] + 2), np.int32)
        enclosed[:, 1:-1] = inputs
        enclosed[0, [0, -1]] = self._ends
        named = dict(zip(("pieces", "shapes", "breaks"), enclosed[:, None, :], strict=True))
        (scores,) = self._session.run(None, named)
        found: _Floats = scores[0]
        return found


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name the file that cannot be loaded, and say what to do."""
    try:
        yield
    except ImportError as error:
        raise BrokenEnvironmentError(f"{error}; install ontherecord again with its dependencies") from None
    except Exception as error:  # ONNX Runtime and tokenizers raise errors of many kinds
        problem = " ".join(str(error).split())
        raise BrokenEnvironmentError(f"{path} cannot be loaded ({problem}); {REMEDY}") from None


def _softmax(scores: _Floats) -> _Floats:
    odds = np.exp(scores - scores.max(axis=1, keepdims=True, initial=NEVER))
    shares: _Floats = odds / odds.sum(axis=1, keepdims=True)
    return shares


def best_labels(scores: _Floats, labels: Sequence[str]) -> NDArray[np.intp]:
    """The best sequence of labels in which each I follows a B or I of its class.

    That of each word alone is nearly always allowed; where it is not, the words around the fault are decided together, among the
    sequences that leave out the words whose own best label is O.
    """
    best: NDArray[np.intp] = scores.argmax(axis=1)
    is_allowed = _allowed(tuple(labels))
    before = np.concatenate([[0], best[:-1]])
    faults = np.flatnonzero(~is_allowed[before, best])
    for fault in faults.tolist():
        first, end = fault, fault + 1
        while first > 0 and best[first - 1]:
            first -= 1
        while end < len(best) and best[end]:
            end += 1
        best[first:end] = _viterbi(scores[first:end], is_allowed)
    return best


@cache
def _allowed(labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Whether the second label may follow the first. Before the first word is O."""
    return np.array([[not b.startswith("I") or (a != "O" and a[1:] == b[1:]) for b in labels] for a in labels])


def _viterbi(scores: _Floats, is_allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
    penalty = np.where(is_allowed, 0, NEVER)
    total, back = scores[0] + penalty[0], []
    for row in scores[1:]:
        options = total[:, None] + penalty
        back.append(options.argmax(axis=0))
        total = options.max(axis=0) + row
    path = [int(total.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return np.array(path[::-1])
