"""Words that somebody did not say, or may say: "Holt did not say that …", "if Holt says …", "Holt declined to say who …"."""

from etl.knowledge.word_lists import words as word_list
from etl.model.heads import VERB_TAGS
from etl.quotes.candidate_speakers import SUBJECTS
from etl.quotes.layout import ArticleLayout

#: What negates a verb, unless one of the next follows: "not only said".
NEGATING, AFFIRMING = frozenset({"not", "never"}), frozenset({"only", "just", "merely", "simply"})
#: What negates a verb whatever the model, which hardly knows the second, takes it for.
NEGATING_ALWAYS = frozenset({"n't", "n’t"})
#: What makes a clause a condition, and what makes it a possibility.
CONDITIONS, POSSIBLE = frozenset({"if", "unless"}), frozenset({"may", "might"})
#: The first word of "neither Holt nor Reed".
NEITHER = "neither"
#: Verbs for not saying; with others after which "to say" is not said unless they are negated ("did not hesitate to say"); and
#: verbs after which it is not yet said.
REFUSING, INTENDING = word_list("refusing"), word_list("intending")
NOT_SAYING = REFUSING | word_list("failing")


def is_unsaid(layout: ArticleLayout, cue: int | None, start: int) -> bool:
    """Whether the verb at position ``cue``, in the sentence of the words at code point ``start``, says that they were not said."""
    words, at = layout.words, layout.position_at(start)
    if cue is None or at is None or words[cue].sentence_no != words[at].sentence_no or words[cue].tag not in VERB_TAGS:
        return False
    verb = words[cue]
    beside = [child for child in verb.children if not layout.is_quoted(child)]
    lower = {child: layout.lower(child) for child in beside}
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
    head = layout.lower(verb.head) if verb.relation == "xcomp" else ""
    is_refused = layout.lower(cue) in REFUSING or (head in NOT_SAYING and not _is_negated(layout, verb.head))
    return _is_negated(layout, cue) or is_of_neither or is_possible or is_refused or head in INTENDING


def _is_negated(layout: ArticleLayout, verb: int) -> bool:
    return any(
        (
            (text := layout.lower(child)) in NEGATING_ALWAYS
            or (text in NEGATING and layout.words[child].relation == "neg")
        )
        and layout.lower(child + 1) not in AFFIRMING
        for child in layout.words[verb].children
        if not layout.is_quoted(child)
    )
