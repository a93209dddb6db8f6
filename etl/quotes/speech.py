"""Decide whether a quoted stretch is speech, rather than a title of a work, a nickname or scare quotes."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from etl.knowledge.word_lists import words as word_list
from etl.quotes.layout import ArticleLayout
from etl.quotes.quotation_marks import MARK, OUTER, Paragraph, Stretch
from etl.quotes.speaker_features import CANDIDATE_FEATURES, QuoteFeatures
from etl.quotes.speaker_features import FEATURES as SPEAKER_FEATURES
from etl.quotes.speakers import MAX_LEAD, Choice, lead

#: Words that come before a name or a title, not before speech.
NAMING = word_list("naming")
#: Words directly before a title.
BEFORE_TITLES = word_list("before_titles")
SMALL = word_list("title_small")
COMMON_VERBS = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|can|could|should|do|does|did|don['’]t|['’]re|['’]m|it['’]s|['’]ll)\b",
    re.IGNORECASE,
)
#: A word of a stretch, with hyphens and apostrophes inside it.
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
#: A whole sentence: it begins with a capital and ends with a full stop, question mark or exclamation mark.
ANNOUNCED = re.compile(r"[A-Z].*[.?!]", re.DOTALL)
#: Last characters of a sentence, before a quotation that stands alone at a paragraph's end.
ENDS = frozenset((".", "?", "!", ""))
#: The text between two quotations of a list.
JOINED = re.compile(r"[ ,;.]*(?:\b(?:and|or)\b)?[ ,]*", re.IGNORECASE)
SPOKEN = re.compile(r"\b(?:I|we|you|me|us|my|our|your|he|she|they|it|this|that)\b")
ARTICLE_PARAGRAPHS = 40
#: The number of code points, from the start of the page, to search for the same words.
MAX_SEARCHED = 20_000


class StretchFeatures(NamedTuple):
    """The features of a quoted stretch, and how clear its speaker is."""

    speaker_score: float
    speaker_lead: float
    capital_share: float
    naming_before: float
    n_same: float
    is_hyphened: float
    n_quotes_in_article: float
    has_verb: float
    has_pronoun: float
    paragraph_no: float
    length: float
    content: float


#: The features of a stretch: those of its best candidate, then its own.
FEATURES = (
    *QuoteFeatures._fields,
    *(f"speaker_{name}" for name in CANDIDATE_FEATURES),
    *StretchFeatures._fields,
)


def is_title(layout: ArticleLayout, number: int) -> bool:
    """Whether a stretch is a title of a work: capitalised like one, directly after a noun for works or a verb such as "read"."""
    place = layout.quote_places[number]
    if place is None or place.first == 0 or not n_capitalised(layout, number):
        return False
    return layout.lower(place.first - 1) in BEFORE_TITLES


def n_capitalised(layout: ArticleLayout, number: int) -> int:
    """The number of words that a title would capitalise, if a stretch is capitalised like one; else 0."""
    stretch = layout.stretches[number]
    inside = layout.page.text[stretch.start : stretch.end].strip(f"{OUTER},.")
    large = _large_words(inside)
    is_title_case = all(word[0].isupper() for word in large) and inside[-1:] not in ("?", "!")
    return len(large) if is_title_case else 0


def is_announced(layout: ArticleLayout, number: int) -> bool:
    """Whether a stretch is a whole sentence directly after a colon, or alone in its paragraph, and not in a heading."""
    text, stretch = layout.page.text, layout.stretches[number]
    paragraph = layout.paragraphs[stretch.paragraph_no]
    if paragraph.kind != "paragraph":
        return False
    inside = text[stretch.start : stretch.end].strip(OUTER)
    is_announced = _is_after_colon(text, stretch.start) or (_is_alone(text, stretch, paragraph) and _has_verb(inside))
    return is_announced and ANNOUNCED.fullmatch(inside) is not None


def _is_alone(text: str, stretch: Stretch, paragraph: Paragraph) -> bool:
    """Whether a stretch in the article's main marks is the last sentence of a paragraph, or all of it."""
    before = text[max(stretch.start - 2, paragraph.start) : stretch.start].rstrip()
    is_whole = not WORD.search(text, stretch.end, paragraph.end) and before[-1:] in ENDS
    return is_whole and not stretch.is_minor and MARK.match(text, stretch.start) is not None


def _has_verb(inside: str) -> bool:
    return bool(COMMON_VERBS.search(inside) or SPOKEN.search(inside))


def is_listed(layout: ArticleLayout, number: int) -> bool:
    """Whether a stretch belongs to a list after a colon, separated from the previous one only by "and" and commas.

    One with a verb of speech behind it does not ("Reed said: “It was open.” “It was not,” said Holt").
    """
    introduced = number
    while introduced and _joins(layout, introduced):
        introduced -= 1
    place = layout.quote_places[number]
    behind = layout.words[place.end : layout.sentences[place.sentence_no].end] if place else ()
    if any(word.cue_weight >= 0 and not word.is_quoted for word in behind):
        return False
    return introduced < number and _is_after_colon(layout.page.text, layout.stretches[introduced].start)


def _is_after_colon(text: str, start: int) -> bool:
    """Whether a colon, perhaps with a space, is directly before a code point."""
    return text[max(start - 2, 0) : start].rstrip().endswith(":")


def _large_words(inside: str) -> list[str]:
    """The words of a stretch that a title would capitalise."""
    return [word for word in WORD.findall(inside) if word.lower() not in SMALL]


def _joins(layout: ArticleLayout, number: int) -> bool:
    """Whether only a conjunction and commas separate a stretch from the previous one."""
    before, after = layout.stretches[number - 1], layout.stretches[number]
    is_beside = before.paragraph_no == after.paragraph_no
    return is_beside and JOINED.fullmatch(layout.page.text, before.end, after.start) is not None


def features(layout: ArticleLayout, number: int, ranked: Sequence[Choice]) -> tuple[float, ...]:
    """The features that separate speech from other uses of quotation marks. ``ranked`` are the candidates, best first."""
    stretch, place = layout.stretches[number], layout.quote_places[number]
    text = layout.page.text
    inside = text[stretch.start : stretch.end].strip(f"{OUTER},.!?")
    large = _large_words(inside)
    before = layout.words[max(place.first - 3, 0) : place.first] if place else ()
    own = ranked[0].option.features if ranked else (0.0,) * len(SPEAKER_FEATURES)
    return own + StretchFeatures(
        speaker_score=ranked[0].score if ranked else -MAX_LEAD,
        speaker_lead=lead(ranked),
        capital_share=sum(w[0].isupper() for w in large) / max(len(large), 1),
        naming_before=any(word.text.lower() in NAMING for word in before),
        n_same=min(text.count(inside, 0, MAX_SEARCHED) if 0 < len(inside) < 40 else 1, 5),
        is_hyphened=stretch.end < len(text) and text[stretch.end] == "-",
        n_quotes_in_article=min(len(layout.stretches), 40),
        has_verb=bool(COMMON_VERBS.search(inside)),
        has_pronoun=bool(SPOKEN.search(inside)),
        paragraph_no=min(stretch.paragraph_no, ARTICLE_PARAGRAPHS),
        length=min(len(inside), 200),
        content=layout.linked.content(number, stretch),
    )
