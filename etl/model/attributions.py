"""Attributions as the encoder marks them: what is said, the words that say so (the cue), and who says it (the source)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from etl.model.encoder import NEVER, Reading, Stretch

#: Contents are read several times, with these added to the scores of words outside them. Those of different readings may overlap.
OUTSIDE = (0.0, 1.5, -1.5)


@dataclass(frozen=True, slots=True)
class Attribution:
    """One content with its source and cue, if any.

    ``link`` is the log-odds of the content's source against the best of the others and none; for no source, those of none.
    """

    content: Stretch
    source: Stretch | None
    cue: Stretch | None
    link: float


def attributions(reading: Reading, is_heading: NDArray[np.bool_]) -> list[Attribution]:
    """The attributions of a text, of which some are alternatives. A source or cue is in the same window as its content.

    ``is_heading`` says of each word whether it is in a headline or sub-heading: whoever is named there is the source of words
    there, not of those below.
    """
    sources, cues = _by_window(reading, "source"), _by_window(reading, "cue")
    found = []
    contents = {(c.start, c.end): c for outside in OUTSIDE for c in reading.stretches("content", outside)}
    for content in contents.values():
        window = int(reading.window[content.words.start])
        near = [s for s in sources[window] if not is_heading[s.words.start] or _in_one_paragraph(reading, s, content)]
        source, link = _linked(reading, "content_source", content, near)
        own = [cue for cue in cues[window] if _in_one_paragraph(reading, cue, content)]
        cue, _ = _linked(reading, "content_cue", content, own)
        found.append(Attribution(content, source, cue, link))
    return found


def _by_window(reading: Reading, label: str) -> dict[int, list[Stretch]]:
    """The stretches that begin in each window. No link leaves its window, so a text is linked in time linear in its length."""
    found: dict[int, list[Stretch]] = defaultdict(list)
    for each in reading.stretches(label):
        found[int(reading.window[each.words.start])].append(each)
    return found


def _in_one_paragraph(reading: Reading, one: Stretch, other: Stretch) -> bool:
    return bool(reading.paragraph[one.words.start] == reading.paragraph[other.words.start])


def _linked(
    reading: Reading, name: str, content: Stretch, stretches: Sequence[Stretch]
) -> tuple[Stretch | None, float]:
    """The stretch outside the content that its link goes to, and the link's lead over the next best."""
    outside = [s for s in stretches if s.end <= content.start or s.start >= content.end]
    scores = [*reading.links(name, content.words.start, [s.words.start for s in outside]).tolist(), float(NEVER)]
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    return (outside[order[0]] if order[0] < len(outside) else None), scores[order[0]] - scores[order[1]]
