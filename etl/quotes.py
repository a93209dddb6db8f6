"""Quotations and whose words they are: spans, cues and speakers of one article."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl.annotate import Annotation
from etl.entities import Mention
from etl.parse import PROSE_KINDS, Page

VERSION = "1"

#: Opening marks and the marks that close each.
PAIRS = {"“": "”", "«": "»", "„": "“”", '"': '"'}
MARKED = re.compile("|".join(f"{o}[^{o if o != c else ''}{c}]+[{c}]?" for o, c in PAIRS.items()))
CUES = (
    "said|says|saying|told|tells|added|adds|asked|asks|announced|argued|claimed|concluded|confirmed|continued|declared|"
    "explained|insisted|mentioned|noted|recalled|replied|reported|stated|suggested|thinks|thought|warned|wrote|writes|tweeted"
)
CUE = re.compile(rf"\b(?:{CUES})\b|\baccording to\b", re.IGNORECASE)
PRONOUN = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)
#: A quotation of fewer words that does not stand as a sentence is part of somebody else's sentence.
PARTIAL_MAX_WORDS = 6
#: Code points before and after a quotation in which its cue is looked for.
CUE_REACH = 120


@dataclass(frozen=True, slots=True)
class Quote:
    """One contiguous stretch of somebody's words; offsets are code points into the page's text, half open."""

    start: int
    end: int
    kind: str
    utterance_no: int
    passage_no: int
    cue_start: int | None = None
    cue_end: int | None = None
    speaker_start: int | None = None
    speaker_end: int | None = None
    speaker_name: str | None = None
    speaker_type: str = "unknown"
    speaker_entity_id: str | None = None
    speaker_via: str | None = None
    confidence: float = 0.0


def find_quotes(page: Page, annotation: Annotation, mentions: Sequence[Mention]) -> list[Quote]:
    """The quotations of one article, in order, each with the nearest reported speaker."""
    del annotation  # this version needs the names only
    return list(_quotes(page, mentions))


def _quotes(page: Page, mentions: Sequence[Mention]) -> Iterator[Quote]:
    people = [m for m in mentions if m.entity_type in ("PERSON", "ORG")]
    utterance_no = 0
    for number, passage in enumerate(page.passages):
        if passage.kind not in PROSE_KINDS:
            continue
        for match in MARKED.finditer(page.text, passage.start, passage.end):
            yield _attribute(page, match.start(), match.end(), number, utterance_no, people)
            utterance_no += 1


def _attribute(
    page: Page, start: int, end: int, passage_no: int, utterance_no: int, people: Sequence[Mention]
) -> Quote:
    words = page.text[start:end].split()
    kind = "partial" if len(words) < PARTIAL_MAX_WORDS else "direct"
    passage = page.passages[passage_no]
    before, after = max(passage.start, start - CUE_REACH), min(passage.end, end + CUE_REACH)
    cues = [*CUE.finditer(page.text, before, start), *CUE.finditer(page.text, end, after)]
    if not cues:
        return Quote(start, end, kind, utterance_no, passage_no)
    cue = min(cues, key=lambda m: min(abs(m.start() - end), abs(m.end() - start)))
    named = [(m.start, m.end, m) for m in people if passage.start <= m.start and m.end <= passage.end]
    pronouns = [(m.start(), m.end(), None) for m in PRONOUN.finditer(page.text, before, after)]
    outside = [c for c in [*named, *pronouns] if c[1] <= start or c[0] >= end]
    if not outside:
        return Quote(start, end, kind, utterance_no, passage_no, cue.start(), cue.end())
    speaker_start, speaker_end, who = min(outside, key=lambda c: min(abs(c[0] - cue.end()), abs(c[1] - cue.start())))
    via = "named" if who else "pronoun"
    if who is None:
        who = max(
            (m for m in people if m.end <= speaker_start and m.entity_type == "PERSON"),
            key=lambda m: m.end,
            default=None,
        )
    return Quote(
        start,
        end,
        kind,
        utterance_no,
        passage_no,
        cue.start(),
        cue.end(),
        speaker_start,
        speaker_end,
        who.name if who else None,
        "unknown" if who is None else "person" if who.entity_type == "PERSON" else "organisation",
        who.entity_id if who else None,
        via,
        0.5,
    )
