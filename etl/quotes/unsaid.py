"""Words that somebody did not say, or may say: "Holt did not say that …", "if Holt says …", "Holt declined to say who …"."""

from etl.knowledge.word_lists import words as word_list
from etl.model.heads import VERB_TAGS
from etl.quotes.candidate_speakers import SUBJECTS
from etl.quotes.layout import ArticleLayout

#: What negates a verb, unless one of the next follows: "not only said".
NEGATING, AFFIRMING = frozenset({"not", "n't", "n’t", "never"}), frozenset({"only", "just", "merely", "simply"})
#: What makes a clause a condition, and what makes it a possibility.
CONDITIONS, POSSIBLE = frozenset({"if", "unless"}), frozenset({"may", "might"})
#: The first word of "neither Holt nor Reed".
NEITHER = "neither"
#: Verbs for not saying, and verbs after which "to say" is not yet said.
REFUSING, INTENDING = word_list("refusing"), word_list("refusing") | word_list("intending")


def is_unsaid(layout: ArticleLayout, cue: int | None, start: int) -> bool:
    """Whether the verb at position ``cue``, in the sentence of the words at code point ``start``, says that they were not said."""
    words, at = layout.words, layout.position_at(start)
    if cue is None or at is None or words[cue].sentence_no != words[at].sentence_no or words[cue].tag not in VERB_TAGS:
        return False
    verb = words[cue]
    beside = [child for child in verb.children if not layout.is_quoted(child)]
    lower = {child: layout.lower(child) for child in beside}
    is_negated = any(
        words[child].relation == "neg" and text in NEGATING and layout.lower(child + 1) not in AFFIRMING
        for child, text in lower.items()
    )
    is_of_neither = any(
        layout.lower(part) == NEITHER
        for child in beside
        if words[child].relation in SUBJECTS
        for part in words[child].children
    )
    is_possible = any(
        (words[child].relation == "mark" and text in CONDITIONS)
        or (words[child].relation == "aux" and text in POSSIBLE)
        for child, text in lower.items()
    )
    is_refused = layout.lower(cue) in REFUSING or (verb.relation == "xcomp" and layout.lower(verb.head) in INTENDING)
    return is_negated or is_of_neither or is_possible or is_refused
