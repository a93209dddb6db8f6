"""What the encoder takes for speech and whom it links it to, on the page. It reads quoted words as it reads reported ones."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from etl.model.attributions import Attribution
from etl.model.encoder import Stretch
from etl.model.model_text import Copy
from etl.spans import Stretched, overlapping

#: Links with a higher lead are no surer.
MAX_LINK = 8.0
#: In place of the lead, where a quotation is not linked to a candidate.
NO_LINK = -9.0


@dataclass(frozen=True, slots=True)
class Linked:
    """The encoder's attributions in code points of the page.

    ``by_stretch`` has those that overlap each quoted stretch, by its number. ``sources`` are all their sources, in order.
    """

    attributions: Sequence[Attribution]
    by_stretch: Mapping[int, Sequence[Attribution]]
    sources: Sequence[Stretch]

    def source(self, phrase: Stretched) -> float:
        """The probability that a phrase is the source of some speech, 0 to 1."""
        return max((s.probability for s in overlapping(self.sources, phrase.start, phrase.end)), default=0.0)

    def content(self, stretch_no: int, stretch: Stretched) -> float:
        """The probability that a quoted stretch is speech, times the share of it that is (0 to 1)."""
        contents = (a.content for a in self.by_stretch.get(stretch_no, ()))
        length = max(stretch.end - stretch.start, 1)
        return max((c.probability * shared_length(c, stretch) / length for c in contents), default=0.0)


def link(attributions: Iterable[Attribution], copy: Copy, quoted: Sequence[Stretched]) -> Linked:
    """The attributions of a copy on its page, with the quoted stretches they overlap."""
    found = [_on_page(copy, said) for said in attributions]
    by_stretch: dict[int, list[Attribution]] = defaultdict(list)
    numbers = {stretch.start: number for number, stretch in enumerate(quoted)}
    for said in found:
        for stretch in overlapping(quoted, said.content.start, said.content.end):
            by_stretch[numbers[stretch.start]].append(said)
    sources = {said.source.start: said.source for said in found if said.source}
    return Linked(found, by_stretch, [sources[start] for start in sorted(sources)])


def _on_page(copy: Copy, said: Attribution) -> Attribution:
    def moved(part: Stretch) -> Stretch:
        return replace(part, start=copy.start(part.start), end=copy.end(part.end))

    return Attribution(moved(said.content), said.source and moved(said.source), said.cue and moved(said.cue), said.link)


def shared_length(a: Stretched, b: Stretched) -> int:
    """The number of code points that two spans share; negative if they are apart."""
    return min(a.end, b.end) - max(a.start, b.start)
