"""Speakers printed beside their words without a verb: before a colon, after a dash, in brackets, in a line that introduces them."""

import re
from collections import Counter

from etl.entities.mentions import Mention
from etl.entities.name_keys import plain_name
from etl.quotes.candidate_speakers import Candidate, CandidateSpeakers
from etl.quotes.layout import ArticleLayout
from etl.quotes.transcript import ANSWER, LABEL, NAME

_DASH = r"(?:—|–|―|--?)"
_TOLD = r"(?:[,;(][^“”\"]{0,90})?\s*\Z"
#: A name after the words: behind a dash or in brackets, with what is told of its bearer, to the end of the paragraph.
AFTER = re.compile(
    rf"\s*(?:{_DASH}\s*(?P<dashed>{NAME})\s*{_TOLD}|\((?P<bracketed>{NAME})(?:,[^)]{{0,90}})?\)\.?\s*\Z)"
)
#: The same on a line of its own.
LINE = re.compile(rf"{_DASH}\s*(?P<dashed>{NAME})\s*{_TOLD}")
#: A name that nobody recognised, at the end of a line that introduces.
FROM = re.compile(rf"\b(?:from|by) (?P<name>{NAME}):\Z")
#: A transcript's label within the marks: a name in capitals and a colon.
INNER = re.compile(r"[\"“'‘]{1,2}\s?(?P<name>[A-Z][A-Z.’'-]+(?: [A-Z][A-Z.’'-]+){0,3}):\s")
#: Words of at least this weight in a line that introduces a quotation leave its speaker to syntax.
MAX_WEIGHT = 0.0
#: How probable it is that a printed name is the speaker's, by how it is printed: before a colon, in a dash or brackets behind the
#: words, in a line that introduces them; or that it is the person an interview is with. Set by hand: annotated articles have few.
PROBABILITIES = {"label": 0.97, "beside": 0.93, "introduction": 0.85, "answer": 0.9}

Span = tuple[int, int]


def labelled(layout: ArticleLayout, candidates: CandidateSpeakers, number: int) -> Candidate | None:
    """The speaker printed beside a stretch, if any."""
    text, stretch = layout.page.text, layout.stretches[number]
    if layout.quote_places[number] is None:
        return None
    label = LABEL.fullmatch(text, layout.paragraphs[stretch.paragraph_no].start, stretch.start)
    if label and label["letter"] == ANSWER:
        return _interviewed(layout, candidates, number)
    inner = INNER.match(text, stretch.start, stretch.end)
    found = {
        "label": _span(inner) or _span(label),
        "beside": _after(layout, number),
        "introduction": _introduced(layout, candidates, number),
    }
    named = ((how, _named(layout, candidates, span)) for how, span in found.items() if span)
    return next((_candidate(layout, number, mention, how) for how, mention in named if mention), None)


def _span(found: re.Match[str] | None) -> Span | None:
    """Where the name of a label stands."""
    name = found and next((group for group in found.groupdict() if found[group]), None)
    return found.span(name) if found and name else None


def _after(layout: ArticleLayout, number: int) -> Span | None:
    """The name behind a stretch, in its paragraph or on the line after it."""
    text, stretch = layout.page.text, layout.stretches[number]
    end = layout.paragraphs[stretch.paragraph_no].end
    if found := AFTER.match(text, stretch.end, end):
        return _span(found)
    following = layout.paragraphs[stretch.paragraph_no + 1 : stretch.paragraph_no + 2]
    if text[stretch.end : end].strip() or not following:
        return None
    return _span(LINE.fullmatch(text, following[0].start, following[0].end))


def _introduced(layout: ArticleLayout, candidates: CandidateSpeakers, number: int) -> Span | None:
    """The only person named in a line without a verb of speech that ends with a colon, right before a paragraph quoted whole."""
    text, stretch = layout.page.text, layout.stretches[number]
    paragraph = layout.paragraphs[stretch.paragraph_no]
    if stretch.paragraph_no == 0 or stretch.start != paragraph.start:
        return None
    line = layout.paragraphs[stretch.paragraph_no - 1]
    words = [w for w in layout.words if line.start <= w.start < line.end]
    if not text[line.start : line.end].endswith(":") or any(w.cue_weight >= MAX_WEIGHT or w.is_quoted for w in words):
        return None
    people = [m for m in candidates.mentions if m.entity_type == "PERSON" and line.start <= m.start < line.end]
    if not people:
        return _span(FROM.search(text, line.start, line.end))
    return (people[0].start, people[0].end) if len({m.name for m in people}) == 1 else None


def _interviewed(layout: ArticleLayout, candidates: CandidateSpeakers, number: int) -> Candidate | None:
    """Who answers in an interview: the person named most before it."""
    start = layout.stretches[number].start
    first = next((p.start for p in layout.paragraphs if LABEL.match(layout.page.text, p.start, p.end)), start)
    people = [m for m in candidates.mentions if m.entity_type == "PERSON" and m.start < first]
    counts = Counter(m.name for m in people)
    name = max(counts, key=lambda n: (counts[n], n), default=None)
    return next((_candidate(layout, number, m, "answer") for m in people if m.name == name), None)


def _named(layout: ArticleLayout, candidates: CandidateSpeakers, span: Span) -> Mention | None:
    """Whom a label names: a name of the article, else what it prints if that looks like a person's name."""
    start, end = span
    inside = [m for m in candidates.mentions if m.start < end and start < m.end and m.entity_type in ("PERSON", "ORG")]
    if inside:
        return inside[0]
    printed = layout.page.text[start:end]
    name = plain_name("PERSON", printed)
    surname = name.split()[-1].casefold()
    bearers = [m.name for m in candidates.mentions if m.entity_type == "PERSON" and _ends_with(m.name, surname)]
    if bearers:
        return Mention(start, end, "PERSON", max(bearers, key=len))
    if not (" " in name or printed.isupper()):
        return None
    return Mention(start, end, "PERSON", name.title() if name.isupper() else name)


def _ends_with(name: str, surname: str) -> bool:
    return name.casefold().split()[-1:] == [surname]


def _candidate(layout: ArticleLayout, number: int, mention: Mention, how: str) -> Candidate | None:
    place = layout.quote_places[number]
    return place and Candidate(
        start=mention.start,
        end=mention.end,
        position=place.first,
        first=place.first,
        sentence_no=place.sentence_no,
        head=layout.page.text[mention.start : mention.end].split()[-1],
        tag="NNP",
        relation=how,
        mention=mention,
    )
