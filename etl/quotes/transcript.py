"""The turns of a transcript or an interview: paragraphs with a speaker label, a colon and the words, without quotation marks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl.entities.name_keys import is_title
from etl.knowledge.given_names import may_be_given_name
from etl.knowledge.word_lists import words
from etl.quotes.quotation_marks import MARK, Paragraph, Stretch

_PART = r"(?:[A-Z][\w.’'-]*|van|von|der|den|de|la|al|el|bin|du|di|da)"
#: A name in a label.
NAME = rf"{_PART}(?: {_PART}){{0,5}}"
#: Optional descriptions after the name in a label, such as a constituency, a party and an office.
_ADDED = r"(?: ?\([^)]{1,60}\)){0,2}(?:,[^:“\"]{1,60})?"
#: An office and, in brackets, who holds it, as records of parliaments print them: ``The Minister for Rivers (Ann Lang)``.
_OFFICE = rf"The [A-Z][^:()“\"]{{2,80}} \((?P<holder>{NAME})\)"
#: A time before the label: ``[00:14]``.
_CLOCK = r"(?:[\[(]?\d{1,2}:\d\d(?::\d\d)?[\])]?\s+(?:[–—-]\s+)?)?"
#: The speaker label before the words.
LABEL = re.compile(
    rf"{_CLOCK}(?:(?P<letter>[QA])(?:[.:]|(?:UESTION|uestion|NSWER|nswer):)\s+|(?:{_OFFICE}|(?P<name>{NAME}){_ADDED}):\s+)"
)
QUESTION, ANSWER = "Q", "A"
#: Words that occur in speech but not in tables, line-ups and lists of facts.
SPOKEN = re.compile(
    r"\b(?:I|we|you|he|she|it|they|this|that|is|are|was|were|have|has|will|would|can|could|did|do)\b", re.IGNORECASE
)
#: Least values for a transcript: the number of turns, the share of paragraphs that are turns, and of turns that are speech.
MIN_TURNS, MIN_SHARE, MIN_SPOKEN_SHARE = 2, 0.5, 0.5
#: With this many turns, an article is a transcript even if no label is repeated.
MANY_TURNS = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """A labelled paragraph: its number, the label (a name, Q or A), and the code point where its words begin."""

    paragraph_no: int
    label: str
    start: int


def find_turns(text: str, paragraphs: Sequence[Paragraph]) -> list[Turn]:
    """The labelled paragraphs of a transcript. Empty if the article is not a transcript."""
    turns = [
        Turn(number, label["holder"] or label["name"] or label["letter"], label.end())
        for number, p in enumerate(paragraphs)
        if p.kind == "paragraph" and (label := LABEL.match(text, p.start, p.end)) and label.end() < p.end
    ]
    return turns if len(turns) >= MIN_TURNS and _is_transcript(text, paragraphs, turns) else []


def _is_transcript(text: str, paragraphs: Sequence[Paragraph], turns: Sequence[Turn]) -> bool:
    labels = [turn.label for turn in turns]
    n_paragraphs = turns[-1].paragraph_no - turns[0].paragraph_no + 1
    n_spoken = sum(bool(SPOKEN.search(text, t.start, paragraphs[t.paragraph_no].end)) for t in turns)
    is_interview = {QUESTION, ANSWER} <= set(labels) or any(
        _is_name(label) or _is_surname(text, label) for label in dict.fromkeys(labels)
    )
    is_dialogue = len({label.split()[-1].casefold() for label in labels}) < len(labels) or len(labels) >= MANY_TURNS
    is_dense = len(turns) >= MIN_SHARE * n_paragraphs
    return (
        is_interview
        and (is_dialogue or all(map(_is_name, labels)))
        and is_dense
        and n_spoken >= MIN_SPOKEN_SHARE * len(turns)
    )


def _is_name(label: str) -> bool:
    """Whether a label can only be a person's name."""
    first, *rest = label.split()
    is_first = may_be_given_name(first) or is_title(first)
    return bool(rest) and is_first and rest[-1].lower() not in words("org_last")


def _is_surname(text: str, label: str) -> bool:
    """Whether a label appears after a given name somewhere on the page."""
    return any(map(may_be_given_name, re.findall(rf"\b([A-Z][\w’'-]+) (?i:{re.escape(label)})\b", text)))


def turn_stretches(text: str, paragraphs: Sequence[Paragraph]) -> Iterator[Stretch]:
    """The words of a transcript's turns as stretches, except questions and text in quotation marks."""
    turns = {turn.paragraph_no: turn for turn in find_turns(text, paragraphs)}
    is_open = False
    for number in range(min(turns, default=0), max(turns, default=-1) + 1):
        paragraph, turn = paragraphs[number], turns.get(number)
        start = turn.start if turn else paragraph.start
        is_speech = paragraph.kind == "paragraph" and text[start] not in "([" and not MARK.match(text, start)
        is_open = is_speech and (turn.label != QUESTION if turn else is_open)
        if is_open:
            yield Stretch(start, paragraph.end, number, continues=turn is None)


def with_turns(marked: Sequence[Stretch], turns: Sequence[Stretch]) -> list[Stretch]:
    """The stretches in quotation marks and those of turns, in order. A quotation inside a turn is part of the turn."""
    outer = [s for s in marked if not any(t.start <= s.start < t.end for t in turns)]
    return sorted([*outer, *turns], key=lambda s: s.start)
