"""The syntax of sentences: the tag, relation and head of each word, from the encoder's scores."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from etl.model.encoder import NEVER, Reading
from etl.model.heads import FINITE_TAGS, LINK, RELATIONS, TAGS, column

_TAGS, _RELATIONS = tuple(TAGS), tuple(RELATIONS)
ROOT = RELATIONS["ROOT"]
#: Relations to a noun, and tags of finite verbs, to which no word has one of them.
IS_TO_NOUN = np.isin(list(RELATIONS), ["compound", "nmod", "amod", "det"])
FINITE = [TAGS[tag] for tag in (*sorted(FINITE_TAGS), "MD")]


@dataclass(frozen=True, slots=True)
class Tree:
    """One sentence: each word's part-of-speech tag, relation to its head, and head. A root is its own head."""

    tags: tuple[str, ...]
    relations: tuple[str, ...]
    heads: tuple[int, ...]


#: A function that parses some of a text's tokens, given by their numbers.
Parse = Callable[[Sequence[int]], Tree]


def parse(reading: Reading, words: Sequence[int]) -> Tree:
    """The tree over some of a text's words, given by their numbers."""
    scores = reading.scores[list(words)]
    tags = scores[:, column("tag")].argmax(axis=1)
    arcs = scores[:, column("head_from")] @ scores[:, column("head_to")].T / np.float32(LINK**0.5)
    window = reading.window[list(words)]
    arcs[window[:, None] != window[None, :]] = NEVER
    heads = acyclic(arcs)
    relations = scores[:, column("relation")].copy()
    relations[np.isin(tags[heads], FINITE)[:, None] & IS_TO_NOUN] = NEVER
    relations[:, ROOT] = np.where(heads == np.arange(len(heads)), -NEVER, NEVER)
    found = relations.argmax(axis=1)
    return Tree(
        tuple([_TAGS[n] for n in tags.tolist()]),
        tuple([_RELATIONS[n] for n in found.tolist()]),
        tuple(heads.tolist()),
    )


def flat(n_words: int) -> Tree:
    """A tree without syntax, in which every word is its own root."""
    return Tree(("",) * n_words, ("",) * n_words, tuple(range(n_words)))


def acyclic(arcs: NDArray[np.float32]) -> NDArray[np.intp]:
    """Each word's best head, itself for a root. In a cycle, the word that loses least by it takes a head outside the cycle."""
    heads: NDArray[np.intp] = arcs.argmax(axis=1)
    allowed = arcs.copy()
    while (cycle := _cycle(heads)) is not None:
        allowed[cycle, heads[cycle]] = NEVER  # for good, or two cycles could take turns
        outside = allowed[cycle]
        outside[:, cycle] = NEVER
        outside[np.arange(len(cycle)), cycle] = arcs[cycle, cycle]
        changed = int((outside.max(axis=1) - arcs[cycle, heads[cycle]]).argmax())
        heads[cycle[changed]] = outside[changed].argmax()
    return heads


def _cycle(heads: NDArray[np.intp]) -> NDArray[np.intp] | None:
    """The words of a cycle, if there is one."""
    following, seen = heads.tolist(), [0] * len(heads)
    for start in range(len(following)):
        path, at = [], start
        while not seen[at]:
            seen[at] = start + 1
            path.append(at)
            at = following[at]
        if seen[at] == start + 1 and following[at] != at and at in path:
            return np.array(path[path.index(at) :])
    return None
