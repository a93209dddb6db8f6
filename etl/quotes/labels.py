"""Speakers printed next to their words without a verb: before a colon, after a dash, in brackets or in an introductory line."""

import re
from collections import Counter

from etl.entities.mentions import Mention
from etl.entities.name_keys import is_title, plain_name
from etl.knowledge.family_names import is_family_name
from etl.knowledge.gazetteer import find_known
from etl.knowledge.nouns import NONE, voice_of
from etl.quotes.candidate_speakers import Candidate, CandidateSpeakers, last_word
from etl.quotes.layout import ArticleLayout
from etl.quotes.transcript import ANSWER, LABEL, NAME
from etl.spans import Span

_DASH = r"(?:—|–|―|--?)"
_TOLD = r"(?:[,;(][^“”\"]{0,90})?\s*\Z"
#: A name after the words, after a dash or in brackets, with any description of the person, up to the end of the paragraph.
AFTER = re.compile(
    rf"\s*(?:{_DASH}\s*(?P<dashed>{NAME})\s*{_TOLD}|\((?P<bracketed>{NAME})(?:,[^)]{{0,90}})?\)\.?\s*\Z)"
)
#: A name after a dash on its own line.
LINE = re.compile(rf"{_DASH}\s*(?P<dashed>{NAME})\s*{_TOLD}")
#: A name that the model missed, at the end of an introductory line.
FROM = re.compile(rf"\b(?:from|by) (?P<name>{NAME}):\Z")
#: A transcript's label inside the quotation marks: a name in capitals and a colon.
INNER = re.compile(r"[\"“'‘]{1,2}\s?(?P<name>[A-Z][A-Z.’'-]+(?: [A-Z][A-Z.’'-]+){0,3}):\s")
#: The most letters of an acronym, and of a person's initials.
MAX_ACRONYM, MAX_INITIALS = 6, 3
#: If a word in an introductory line has at least this weight as a cue, syntax decides the speaker instead.
MAX_WEIGHT = 0.0
#: The probability that a printed name is the speaker, by its place: before a colon, after the words (dash or brackets), or in an
#: introductory line; and that the interviewee is the speaker of an answer. Set by hand: annotated articles have few of these.
PROBABILITIES = {"label": 0.97, "beside": 0.93, "introduction": 0.85, "answer": 0.9}


def labelled(layout: ArticleLayout, candidates: CandidateSpeakers, number: int) -> Candidate | None:
    """The speaker printed next to a stretch, if any."""
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
    named = ((how, span, _named(layout, candidates, span)) for how, span in found.items() if span)
    return next(
        (
            _candidate(layout, number, how, span, mention)
            for how, span, mention in named
            if mention or _names_nobody(text[slice(*span)])
        ),
        None,
    )


def _span(found: re.Match[str] | None) -> Span | None:
    """The span of the name in a label."""
    name = found and next((group for group in found.groupdict() if found[group]), None)
    return found.span(name) if found and name else None


def _after(layout: ArticleLayout, number: int) -> Span | None:
    """The name after a stretch, in its paragraph or on the next line."""
    text, stretch = layout.page.text, layout.stretches[number]
    end = layout.paragraphs[stretch.paragraph_no].end
    if found := AFTER.match(text, stretch.end, end):
        return _span(found)
    following = layout.paragraphs[stretch.paragraph_no + 1 : stretch.paragraph_no + 2]
    if text[stretch.end : end].strip() or not following:
        return None
    return _span(LINE.fullmatch(text, following[0].start, following[0].end))


def _introduced(layout: ArticleLayout, candidates: CandidateSpeakers, number: int) -> Span | None:
    """The only person named in an introductory line: no verb of speech, a final colon, then a fully quoted paragraph."""
    text, stretch = layout.page.text, layout.stretches[number]
    paragraph = layout.paragraphs[stretch.paragraph_no]
    if stretch.paragraph_no == 0 or stretch.start != paragraph.start:
        return None
    line = layout.paragraphs[stretch.paragraph_no - 1]
    if not text.endswith(":", line.start, line.end):
        return None
    words = (w for w in layout.words if line.start <= w.start < line.end)
    if any(w.cue_weight >= MAX_WEIGHT or w.is_quoted for w in words):
        return None
    people = [m for m in candidates.mentions if m.entity_type == "PERSON" and line.start <= m.start < line.end]
    if not people:
        return _span(FROM.search(text, line.start, line.end))
    return (people[0].start, people[0].end) if len({m.name for m in people}) == 1 else None


def _interviewed(layout: ArticleLayout, candidates: CandidateSpeakers, number: int) -> Candidate | None:
    """The interviewee: the person named most often before the interview, but for those who wrote it."""
    start = layout.stretches[number].start
    first = next((p.start for p in layout.paragraphs if LABEL.match(layout.page.text, p.start, p.end)), start)
    authors = {plain_name("PERSON", author) for author in layout.page.authors}
    people = [m for m in candidates.mentions if m.entity_type == "PERSON" and m.start < first and m.name not in authors]
    counts = Counter(m.name for m in people)
    name = max(counts, key=lambda n: (counts[n], n), default=None)
    return next((_candidate(layout, number, "answer", (m.start, m.end), m) for m in people if m.name == name), None)


def _named(layout: ArticleLayout, candidates: CandidateSpeakers, span: Span) -> Mention | None:
    """The person that a label names: a name found in the article, else the label's text if it looks like a person's name."""
    start, end = span
    inside = [m for m in candidates.mentions if m.start < end and start < m.end and m.entity_type in ("PERSON", "ORG")]
    if person := next((m for m in inside if m.entity_type == "PERSON"), None):
        return person
    printed = layout.page.text[start:end]
    name = plain_name("PERSON", printed)
    surname = last_word(name)
    people = [m.name for m in candidates.mentions if m.entity_type == "PERSON"]
    bearers = [n for n in people if last_word(n) == surname or (" " in n and _initials(n) == printed)]
    if bearers:
        return Mention(start, end, "PERSON", max(bearers, key=len))
    if inside and not _can_only_be_a_family_name(printed):
        return inside[0]
    if _names_nobody(printed) or not (" " in name or printed.isupper()):
        return None
    return Mention(start, end, "PERSON", name.title() if name.isupper() else name)


def _can_only_be_a_family_name(label: str) -> bool:
    """Whether a one-word label that the encoder takes for an organisation ("HOLT") is none: no acronym, and nobody knows it."""
    is_word = " " not in label and (is_family_name(label) or len(label) > MAX_ACRONYM)
    return is_word and find_known(label) is None


def _names_nobody(label: str) -> bool:
    """Whether a label says what somebody is ("MODERATOR", "THE PRESIDENT", "UNIDENTIFIED FEMALE"), or has initials alone ("ER")."""
    words = label.split()
    is_titled_name = is_title(words[0]) and not is_title(words[-1])
    is_role = voice_of(words[-1].lower()) != NONE and not is_titled_name
    return is_role or (label.isupper() and label.isalpha() and len(label) <= MAX_INITIALS)


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split())


def _candidate(layout: ArticleLayout, number: int, how: str, span: Span, mention: Mention | None) -> Candidate | None:
    place = layout.quote_places[number]
    start, end = (mention.start, mention.end) if mention else span
    return place and Candidate(
        start=start,
        end=end,
        position=place.first,
        first=place.first,
        sentence_no=place.sentence_no,
        head=layout.page.text[start:end].split()[-1],
        tag="NNP" if mention else "NN",
        relation=how,
        mention=mention,
    )
