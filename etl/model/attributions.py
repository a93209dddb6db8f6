"""Attributions as the encoder marks them: what is said, the words that say so (the cue), and who says it (the source)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

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


def attributions(reading: Reading) -> list[Attribution]:
    """The attributions of a text, of which some are alternatives.

    A source or cue is in the window and the paragraph of its content: who is named in a heading is not the source of words below.
    """
    sources, cues = _by_place(reading, "source"), _by_place(reading, "cue")
    found = []
    contents = {(c.start, c.end): c for outside in OUTSIDE for c in reading.stretches("content", outside)}
    for content in contents.values():
        here = _place(reading, content)
        source, link = _linked(reading, "content_source", content, sources[here])
        cue, _ = _linked(reading, "content_cue", content, cues[here])
        found.append(Attribution(content, source, cue, link))
    return found


def _by_place(reading: Reading, label: str) -> dict[tuple[int, int], list[Stretch]]:
    """The stretches that begin in each place. No link leaves its place, so a text is linked in time linear in its length."""
    found: dict[tuple[int, int], list[Stretch]] = defaultdict(list)
    for each in reading.stretches(label):
        found[_place(reading, each)].append(each)
    return found


def _place(reading: Reading, stretch: Stretch) -> tuple[int, int]:
    """The window and the paragraph that a stretch begins in."""
    return int(reading.window[stretch.words.start]), int(reading.paragraph[stretch.words.start])


def _linked(
    reading: Reading, name: str, content: Stretch, stretches: Sequence[Stretch]
) -> tuple[Stretch | None, float]:
    """The stretch outside the content that its link goes to, and the link's lead over the next best."""
    outside = [s for s in stretches if s.end <= content.start or s.start >= content.end]
    scores = [*reading.links(name, content.words.start, [s.words.start for s in outside]).tolist(), float(NEVER)]
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    return (outside[order[0]] if order[0] < len(outside) else None), scores[order[0]] - scores[order[1]]
