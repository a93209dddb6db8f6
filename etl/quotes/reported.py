"""Reported speech without quotation marks: which stretch of a sentence somebody is said to have said, thought or found."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl.model.syntax import Tree
from etl.quotes.layout import SUBJECTS, VERB_TAGS, Candidate, Script

#: Words of at least this weight are tried as cues.
MIN_WEIGHT = -1.6
CUE_TAGS = VERB_TAGS | {"NN", "NNS"}
PUNCTUATION = frozenset({"punct"})
#: What a reporting verb can govern that is not what it reports.
ASIDE = frozenset(
    {
        "nsubj",
        "nsubjpass",
        "aux",
        "auxpass",
        "neg",
        "advmod",
        "npadvmod",
        "punct",
        "cc",
        "conj",
        "mark",
        "dative",
        "agent",
        "advcl",
        "parataxis",
        "expl",
        "csubj",
    }
)
KINDS = {
    "clause": 1,
    "infinitive": 2,
    "object": 3,
    "about": 4,
    "according": 5,
    "main": 6,
    "rest": 7,
    "short": 9,
}
LONG_KINDS = frozenset({"clause", "infinitive", "rest", "according", "object", "about"})
#: Code points that marks and the punctuation among them take at the end of a quotation.
MARKS_LENGTH = 3
CUTS = frozenset({",", "—", "–", "-", "--", ";"})
RELATIONS = {
    "ROOT": 1,
    "conj": 2,
    "relcl": 3,
    "advcl": 4,
    "ccomp": 5,
    "xcomp": 6,
    "acl": 7,
    "parataxis": 8,
    "pcomp": 9,
    "pobj": 10,
    "prep": 11,
}
TAGS = {"VBD": 1, "VBZ": 2, "VBP": 3, "VBG": 4, "VBN": 5, "VB": 6, "NN": 7, "NNS": 7}
SUBJECT_KINDS = {"PERSON": 1, "ORG": 2, "GPE": 3, "NORP": 4}
PRONOUNS = {
    "he": 1,
    "she": 1,
    "they": 2,
    "it": 3,
    "i": 4,
    "we": 4,
    "you": 5,
    "who": 6,
    "which": 7,
    "that": 7,
    "there": 8,
}

NAMES = (
    "kind",
    "weight",
    "tag",
    "relation",
    "length",
    "has_that",
    "starts_with_to",
    "is_before",
    "distance",
    "quoted_share",
    "subject",
    "subject_tag",
    "subject_distance",
    "is_negated",
    "has_modal",
    "n_alternatives",
    "is_heading",
    "reaches_end",
    "has_object",
    "has_colon",
    "first_tag",
    "span_has_subject",
    "span_has_verb",
    "sentence_length",
    "is_passive",
    "share_of_sentence",
    "object_weight",
)


@dataclass(frozen=True, slots=True)
class Report:
    """A stretch that may be reported speech: code points [start, end), the cue's position, the speaker if there is one."""

    start: int
    end: int
    cue: int
    sentence_no: int
    speaker: Candidate | None
    features: tuple[float, ...]


def reports(script: Script) -> list[Report]:
    """Everything in an article that might be reported speech."""
    speaking: dict[int, Candidate] = {}
    for candidate in script.candidates:
        for verb in candidate.verbs:
            if candidate.relation in SUBJECTS or candidate.relation in ("pobj", "poss"):
                old = speaking.get(verb)
                if old is None or abs(candidate.position - verb) < abs(old.position - verb):
                    speaking[verb] = candidate
    found: list[Report] = []
    for number, tree in enumerate(script.trees):
        if tree is not None:
            found += _in_sentence(script, number, tree, speaking)
    return found


def _in_sentence(script: Script, number: int, tree: Tree, speaking: dict[int, Candidate]) -> Iterator[Report]:
    base = script.bases[number]
    size = len(tree.heads)
    cues = [
        j
        for j, weight in enumerate(script.weights[base : base + size])
        if weight >= MIN_WEIGHT
        and script.stretch_at[base + j] < 0
        and (tree.tags[j] in CUE_TAGS or script.flat[base + j].lower() == "according")
    ]
    if not cues:
        return
    children: list[list[int]] = [[] for _ in range(size)]
    for j, head in enumerate(tree.heads):
        if head != j:
            children[head].append(j)
    edges = _edges(tree)
    for j in cues:
        position = base + j
        whole = list(dict.fromkeys(_spans(script, j, base, tree, children, edges)))
        spans = list(dict.fromkeys([*whole, *_shortened(script, whole, base, tree, children, edges)]))
        for kind, first, last in spans:
            report = _report(script, kind, first, last, j, base, tree, children, speaking.get(position), len(spans))
            if report is not None:
                yield report


def _edges(tree: Tree) -> list[tuple[int, int]]:
    """First and last word below each word."""
    lows, highs = list(range(len(tree.heads))), list(range(len(tree.heads)))
    for j, head in enumerate(tree.heads):
        at = head
        while not lows[at] <= j <= highs[at]:  # a word that reaches as far has governors that do
            if j < lows[at]:
                lows[at] = j
            else:
                highs[at] = j
            at = tree.heads[at]
    return list(zip(lows, highs, strict=True))


def _spans(
    script: Script,
    j: int,
    base: int,
    tree: Tree,
    children: Sequence[Sequence[int]],
    edges: Sequence[tuple[int, int]],
) -> Iterator[tuple[str, int, int]]:
    """Kind, first and last word of the stretches that the cue ``j`` may report."""
    relations = tree.relations
    if script.flat[base + j].lower() == "according":
        yield from _around(j, edges[j], len(tree.heads))
        return
    after = [c for c in children[j] if c > j and relations[c] not in ASIDE]
    for c in children[j]:
        if relations[c] == "ccomp":
            first, last = edges[c]
            yield "clause", first if c > j else edges[c][0], min(last, j - 1) if c < j else last
        elif relations[c] == "xcomp" and c > j:
            yield "infinitive", edges[c][0], edges[c][1]
        elif relations[c] in ("dobj", "attr", "oprd") and c > j:
            yield "object", edges[c][0], edges[c][1]
        elif relations[c] == "prep" and c > j and script.flat[base + c].lower() != "by":
            yield "about", edges[c][0] + 1, edges[c][1]
            yield "about", edges[c][0], edges[c][1]
        elif relations[c] == "acl" and c > j:
            yield "infinitive", edges[c][0], edges[c][1]
    if after:
        first, last = min(edges[c][0] for c in after), max(edges[c][1] for c in after)
        yield "rest", max(first, j + 1), last
    if relations[j] in ("parataxis", "ROOT", "ccomp", "advcl", "conj") and tree.tags[j] in VERB_TAGS:
        own = [c for c in children[j] if relations[c] in ("nsubj", "aux", "advmod", "npadvmod", "neg")]
        low = min([j, *(edges[c][0] for c in own)])
        high = max([j, *(edges[c][1] for c in own)])
        if high - low < 12:
            yield from _around(j, (low, high), len(tree.heads))


def _shortened(
    script: Script,
    whole: Sequence[tuple[str, int, int]],
    base: int,
    tree: Tree,
    children: Sequence[Sequence[int]],
    edges: Sequence[tuple[int, int]],
) -> Iterator[tuple[str, int, int]]:
    """The same stretches without what a comma adds at their end: a further clause is often the reporter's own."""
    for kind, first, last in whole:
        if kind not in LONG_KINDS:
            continue
        for k in range(first + 3, last):
            joins = tree.relations[k] in ("advcl", "cc", "relcl", "acl", "npadvmod", "prep") and tree.heads[k] < k
            begin = edges[k][0] if tree.relations[k] != "cc" else k
            if joins and first + 1 < begin < last and script.flat[base + begin - 1] in CUTS:
                yield "short", first, begin - 2
            elif joins and tree.relations[k] == "advcl" and edges[k][1] == last and begin > first + 1:
                yield "short", first, begin - 1


def _around(j: int, inner: tuple[int, int], size: int) -> Iterator[tuple[str, int, int]]:
    """What stands in the sentence before and after a reporting clause put into or after it."""
    if inner[0] > 2:
        yield "main", 0, inner[0] - 1
    if inner[1] < size - 3:
        yield "according", inner[1] + 1, size - 1


def _report(
    script: Script,
    kind: str,
    first: int,
    last: int,
    j: int,
    base: int,
    tree: Tree,
    children: Sequence[Sequence[int]],
    speaker: Candidate | None,
    n_alternatives: int,
) -> Report | None:
    while first < last and tree.relations[first] == "punct" and script.stretch_at[base + first] < 0:
        first += 1
    while last > first and tree.relations[last] == "punct" and script.stretch_at[base + last] < 0:
        last -= 1
    inside = range(first, last + 1)
    stretch_at = script.stretch_at[base + first : base + last + 1]
    n_quoted = len(stretch_at) - stretch_at.count(-1)
    own = len(inside) - n_quoted
    if len(inside) < 1 or (n_quoted and own < 2) or j in inside:
        return None
    if speaker is not None and base + first <= speaker.position <= base + last and kind not in ("main", "according"):
        speaker = None
    relations = tree.relations[first : last + 1]
    siblings = [tree.relations[c] for c in children[j]]
    start, end = _offsets(script, base + first, base + last)
    if start >= end:
        return None
    word = script.flat[base + first].lower()
    end_of_sentence = len(tree.heads) - 1
    while end_of_sentence > last and tree.relations[end_of_sentence] == "punct":
        end_of_sentence -= 1
    distance = first - j if first > j else last - j
    tags = tree.tags[first : last + 1]
    return Report(
        start,
        end,
        base + j,
        script.sentence_of[base],
        speaker,
        (
            KINDS[kind],
            script.weights[base + j],
            TAGS.get(tree.tags[j], 9),
            RELATIONS.get(tree.relations[j], 0),
            min(len(inside), 50),
            word == "that",
            word == "to",
            last < j,
            max(min(distance, 15), -15),
            n_quoted / len(inside),
            0
            if speaker is None
            else PRONOUNS.get(
                speaker.head.lower(), 10 + SUBJECT_KINDS.get(speaker.mention.entity_type, 5) if speaker.mention else 9
            ),
            0 if speaker is None else TAGS.get(speaker.tag, 8),
            20 if speaker is None else min(abs(speaker.position - base - j), 19),
            "neg" in siblings,
            any(tree.tags[c] == "MD" for c in children[j]),
            min(n_alternatives, 8),
            script.paragraphs[script.sentences[script.sentence_of[base]].paragraph_no].kind != "paragraph",
            last == end_of_sentence,
            "dobj" in siblings,
            j + 1 < len(tree.heads) and script.flat[base + j + 1] == ":",
            TAGS.get(tree.tags[first], 8),
            not SUBJECTS.isdisjoint(relations),
            not VERB_TAGS.isdisjoint(tags),
            min(len(tree.heads), 60),
            "auxpass" in siblings,
            len(inside) / len(tree.heads),
            max(script.weights[base + first : base + last + 1]),
        ),
    )


def _offsets(script: Script, first: int, last: int) -> tuple[int, int]:
    """The code points [start, end) of some words, with the marks of a quotation that begins or ends with them."""
    start, end = _stretch_or_word(script, first)[0], _stretch_or_word(script, last)[1]
    for position in (first, last):
        if (number := script.stretch_at[position]) >= 0:
            stretch = script.stretches[number]
            if 0 <= start - stretch.start <= MARKS_LENGTH:
                start = stretch.start
            if 0 <= stretch.end - end <= MARKS_LENGTH:
                end = stretch.end
    return start, end


def _stretch_or_word(script: Script, position: int) -> tuple[int, int]:
    source = script.sources[position]
    if source >= 0:
        return script.words.starts[source], script.words.ends[source]
    stretch = script.stretches[-1 - source]
    return stretch.start, stretch.end


def select(found: Sequence[Report], scores: Sequence[float], min_score: float) -> list[tuple[Report, float]]:
    """The reports that score high enough, the best of those that overlap by more than half of the shorter."""
    chosen: dict[int, list[tuple[Report, float]]] = defaultdict(list)
    for report, score in sorted(zip(found, scores, strict=True), key=lambda x: (-x[1], x[0].start, x[0].end)):
        here = chosen[report.sentence_no]
        if score >= min_score and not any(_clash(report, other) for other, _ in here):
            here.append((report, score))
    return sorted((one for here in chosen.values() for one in here), key=lambda x: (x[0].start, x[0].end))


def _clash(a: Report, b: Report) -> bool:
    shared = min(a.end, b.end) - max(a.start, b.start)
    return shared > 0 and (a.cue == b.cue or shared > MAX_OVERLAP * (max(a.end, b.end) - min(a.start, b.start)))


#: Two reports may overlap by this share of both together: one may be said within the other.
MAX_OVERLAP = 0.5
