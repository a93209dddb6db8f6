"""Is it speech: quotations told apart from titles of works, nicknames and words held at arm's length."""

import re
from collections.abc import Sequence

from etl.quotes.layout import ArticleLayout
from etl.quotes.speakers import MAX_LEAD, PAIR_FEATURES, QUOTE_FEATURES, Choice, lead

#: Words that stand before a name or a title rather than before what somebody says.
NAMING = frozenset(
    """
    called known dubbed titled entitled named nicknamed so-called show program programme book film movie song
    album series episode host word words term phrase slogan column
    """.split()
)
SMALL = frozenset(["a", "an", "the", "of", "in", "on", "for", "and", "to", "at", "by", "with", "or", "as", "is", "s"])
NAMES = (
    *QUOTE_FEATURES,
    *(f"speaker_{name}" for name in PAIR_FEATURES),
    "speaker_score",
    "speaker_lead",
    "capital_share",
    "naming_before",
    "n_same",
    "is_hyphened",
    "n_quotes_in_article",
    "has_verb",
    "has_pronoun",
    "paragraph_no",
    "length",
)
COMMON_VERBS = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|can|could|should|do|does|did|don['’]t|['’]re|['’]m|it['’]s|['’]ll)\b",
    re.IGNORECASE,
)
SPOKEN = re.compile(r"\b(?:I|we|you|me|us|my|our|your|he|she|they|it|this|that)\b")
ARTICLE_PARAGRAPHS = 40
#: Code points from the start in which the same words are looked for again.
MAX_SEARCHED = 20_000


def features(layout: ArticleLayout, number: int, ranked: Sequence[Choice]) -> tuple[float, ...]:
    """What tells speech from other uses of quotation marks, given the candidate speakers, best first."""
    stretch, place = layout.stretches[number], layout.quote_places[number]
    text = layout.page.text
    inside = text[stretch.start : stretch.end].strip("\"“”„«»'‘’`,.!? ")
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", inside)
    large = [w for w in words if w.lower() not in SMALL]
    before = layout.words[max(place.first - 3, 0) : place.first] if place else ()
    own = ranked[0].option.features if ranked else (0.0,) * (len(QUOTE_FEATURES) + len(PAIR_FEATURES))
    return (
        *own,
        ranked[0].score if ranked else -MAX_LEAD,
        lead(ranked),
        sum(w[0].isupper() for w in large) / max(len(large), 1),
        any(word.text.lower() in NAMING for word in before),
        min(text.count(inside, 0, MAX_SEARCHED) if 0 < len(inside) < 40 else 1, 5),
        stretch.end < len(text) and text[stretch.end] == "-",
        min(len(layout.stretches), 40),
        bool(COMMON_VERBS.search(inside)),
        bool(SPOKEN.search(inside)),
        min(stretch.paragraph_no, ARTICLE_PARAGRAPHS),
        min(len(inside), 200),
    )
