"""One article laid out for attribution: its sentences, their trees, its quotations, and who might be speaking in it.

Positions number the words of all sentences in order, a long quotation being the few words that stand in for it: distances in
positions are distances in the reporter's own words.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

from etl.entities.mentions import Mention
from etl.knowledge import gazetteer
from etl.knowledge.cue_words import cue_weight
from etl.knowledge.given_names import given_names
from etl.knowledge.nouns import PERSON_NOUNS, WORDS
from etl.model.annotate import Annotation
from etl.model.syntax import Tree
from etl.page.parse import Page
from etl.quotes.quotation_marks import Paragraph, Stretch, paragraphs, stretches
from etl.quotes.sentences import MAX_SENTENCE_WORDS, Sentence, Words, sentences_of, words_of

#: A sentence with a word of at least this weight may report speech, and is parsed.
MIN_CUE_WEIGHT = -0.5
#: The same for sentences without quotation marks, where opinions are reported too.
MIN_PARSED_WEIGHT = -1.6
#: A surname of no more letters is too like other words to be looked for.
MIN_SURNAME = 2
#: Words after a name among which what it is in apposition to is looked for.
REACH = 14
NOUN_TAGS = frozenset({"NN", "NNS", "NNP", "NNPS", "PRP", "WP"})
#: Words of these tags can stand for people when they are a subject ("some say", "many said", "two said").
SUBJECT_TAGS = NOUN_TAGS | {"DT", "JJ", "CD", "JJS", "JJR", "WDT", "VBG", "EX"}
SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "agent"})
#: Relations over which a verb without a subject of its own takes its governor's ("he rose, saying", "met X and told").
SHARED = frozenset({"conj", "xcomp", "advcl", "dep", "pcomp", "ccomp", "acl", "prep", "parataxis"})
VERB_TAGS = frozenset({"VB", "VBD", "VBG", "VBN", "VBP", "VBZ"})
#: Relations that are no part of the printed speaker, though the parser hangs them below it.
OUTER = frozenset({"relcl", "appos", "punct", "acl", "advcl", "cc", "conj", "parataxis", "ccomp", "dep"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch that may be the speaker: code points [start, end), and where it stands in its sentence.

    ``position`` is its head word's, ``first`` its first word's; ``verbs`` are the positions of what it may be
    the subject of; ``mention`` is the name in it.
    """

    start: int
    end: int
    position: int
    first: int
    sentence_no: int
    head: str
    tag: str
    relation: str
    verbs: tuple[int, ...]
    mention: Mention | None
    antecedent: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quoted stretch stands: positions [first, last), and the sentence it begins in."""

    first: int
    last: int
    sentence_no: int


@dataclass(slots=True)
class Script:
    """An article laid out. ``trees`` holds None for sentences not parsed.

    ``times_named`` and ``times_speaking`` count by last words of names (`last_word`).
    """

    page: Page
    paragraphs: list[Paragraph]
    stretches: list[Stretch]
    words: Words
    sentences: list[Sentence]
    trees: list[Tree | None]
    bases: list[int]
    flat: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    sentence_of: list[int] = field(default_factory=list)
    places: list[Place | None] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    stretch_at: list[int] = field(default_factory=list)
    #: How many stretches begin up to and with each word.
    stretches_begun: list[int] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    times_named: Counter[str] = field(default_factory=Counter)
    times_speaking: Counter[str] = field(default_factory=Counter)

    def candidates_near(self, position: int, n: int) -> list[Candidate]:
        """Up to ``n`` candidates before a position and ``n`` from it on, in order."""
        at = bisect_left(self.candidates, position, key=lambda c: c.position)
        return self.candidates[max(at - n, 0) : at + n]

    def head(self, position: int) -> int:
        """The position of the head of a word in a parsed sentence; its own at the root, and where there is no tree."""
        number = self.sentence_of[position]
        tree = self.trees[number]
        return position if tree is None else self.bases[number] + tree.heads[position - self.bases[number]]

    def relation(self, position: int) -> str:
        """The relation of a word to its head; empty where there is no tree."""
        number = self.sentence_of[position]
        tree = self.trees[number]
        return "" if tree is None else tree.relations[position - self.bases[number]]

    def tag(self, position: int) -> str:
        """The part-of-speech tag of a word; empty where there is no tree."""
        number = self.sentence_of[position]
        tree = self.trees[number]
        return "" if tree is None else tree.tags[position - self.bases[number]]


def lay_out(page: Page, annotation: Annotation, mentions: Sequence[Mention]) -> Script:
    """The script of one article."""
    prose = paragraphs(page)
    quoted = stretches(page.text, prose)
    words = words_of(annotation)
    sentences = sentences_of(words, prose, quoted)
    script = Script(page, prose, quoted, words, sentences, [None] * len(sentences), [])
    for number, sentence in enumerate(sentences):
        script.bases.append(len(script.flat))
        script.flat += sentence.words
        script.sources += sentence.sources
        script.sentence_of += [number] * len(sentence.words)
    script.weights = [cue_weight(w) for w in script.flat]
    chosen = [i for i, s in enumerate(sentences) if len(s.words) <= MAX_SENTENCE_WORDS and _may_report(script, i)]
    chosen = _with_neighbours(chosen, sentences, words, quoted)
    for number, tree in zip(chosen, annotation.parse([sentences[i].words for i in chosen]), strict=True):
        script.trees[number] = tree
    script.places = list(_places(script))
    script.stretch_at = [-1] * len(script.flat)
    for number, place in enumerate(script.places):
        if place:
            script.stretch_at[place.first : place.last] = [number] * (place.last - place.first)
    script.stretches_begun = list(
        accumulate(now >= 0 and now != before for before, now in pairwise([-1, *script.stretch_at]))
    )
    script.mentions = with_surnames(words, mentions)
    script.candidates = list(_candidates(script, script.mentions))
    if overlooked := list(_overlooked(script)):
        script.mentions = with_surnames(words, [*mentions, *overlooked])
        script.candidates = list(_candidates(script, script.mentions))
    script.times_named = Counter(last_word(m.name) for m in script.mentions)
    script.times_speaking = Counter(last_word(c.mention.name) for c in _speaking(script) if c.mention)
    return script


def last_word(name: str) -> str:
    """What a name's bearer is mostly called by."""
    return name.casefold().rpartition(" ")[2]


def _speaking(script: Script) -> list[Candidate]:
    return [c for c in script.candidates if c.relation in SUBJECTS and any(script.weights[v] >= 0 for v in c.verbs)]


def _overlooked(script: Script) -> Iterator[Mention]:
    """Capitalised words that say something and, by their first word or by what else is said of them, are a person's name."""
    speaking = _speaking(script)
    alone = {c.head for c in speaking if c.first == c.position}
    for c in speaking:
        if c.mention is not None or c.tag != "NNP" or not c.head[0].isupper():
            continue
        first = c.position
        while first > c.first and script.flat[first - 1][0].isupper() and script.tag(first - 1) == "NNP":
            first -= 1
        is_given = script.flat[first].lower() in given_names()
        if first < c.position and (is_given or c.head in alone or _is_person(script, c.position)):
            start, end = script.words.starts[script.sources[first]], script.words.ends[script.sources[c.position]]
            yield Mention(start, end, "PERSON", script.page.text[start:end])


def _is_person(script: Script, name: int) -> bool:
    """Whether a name stands in apposition to a noun for people, or has a clause with "who" after it."""
    number = script.sentence_of[name]
    end = script.bases[number] + len(script.sentences[number].words)
    for p in range(name + 1, min(name + REACH, end)):
        if script.head(p) == name:
            is_noun = script.flat[p].lower() in PERSON_NOUNS or script.flat[p].lower() in gazetteer.words("roles")
            if (script.relation(p) == "appos" and is_noun) or (
                script.relation(p) == "relcl" and "who" in script.flat[name + 1 : p]
            ):
                return True
    return False


def with_surnames(words: Words, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, and every bare surname of a person named elsewhere that was taken for something else or overlooked."""
    bearers: dict[str, str] = {}
    for m in sorted((m for m in mentions if m.entity_type == "PERSON"), key=lambda m: m.name.count(" ")):
        surname = m.name.split()[-1]
        if len(surname) > MIN_SURNAME and surname[0].isupper():
            bearers[surname] = m.name
    people = [
        replace(m, entity_type="PERSON", name=bearers[n]) if (n := _single_name(words, m)) in bearers else m
        for m in mentions
    ]
    taken = sorted((m.start, m.end) for m in mentions)
    starts = [s for s, _ in taken]
    for text, start, end in zip(words.texts, words.starts, words.ends, strict=True):
        if text in bearers:
            i = bisect_right(starts, start) - 1
            if i < 0 or taken[i][1] <= start:
                people.append(Mention(start, end, "PERSON", bearers[text]))
    return sorted(people, key=lambda m: m.start)


def _single_name(words: Words, mention: Mention) -> str | None:
    i = bisect_left(words.starts, mention.start)
    is_single = i < len(words.starts) and words.starts[i] == mention.start and words.ends[i] >= mention.end
    return words.texts[i] if is_single and mention.entity_type != "PERSON" else None


def _may_report(script: Script, number: int) -> bool:
    sentence, base = script.sentences[number], script.bases[number]
    weights = script.weights[base : base + len(sentence.words)]
    return max(weights) >= MIN_PARSED_WEIGHT or min(sentence.sources) < 0


def _with_neighbours(
    chosen: Sequence[int], sentences: Sequence[Sentence], words: Words, quoted: Sequence[Stretch]
) -> list[int]:
    """The chosen sentences and those that hold a short quotation, in order."""
    starts = [s.start for s in quoted]

    def holds_quotation(sentence: Sentence) -> bool:
        own = [s for s in sentence.sources if s >= 0]
        if not own:
            return False
        return bisect_left(starts, words.starts[own[0]]) < bisect_right(starts, words.ends[own[-1]])

    more = {i for i, s in enumerate(sentences) if len(s.words) <= MAX_SENTENCE_WORDS and holds_quotation(s)}
    return sorted(more.union(chosen))


def _places(script: Script) -> Iterator[Place | None]:
    at = 0
    for number, stretch in enumerate(script.stretches):
        while (
            at < len(script.flat)
            and not _is_in(script, at, number, stretch)
            and not _is_past(script, at, number, stretch)
        ):
            at += 1
        first = at
        while at < len(script.flat) and _is_in(script, at, number, stretch):
            at += 1
        yield Place(first, at, script.sentence_of[first]) if at > first else None


def _is_in(script: Script, at: int, number: int, stretch: Stretch) -> bool:
    source = script.sources[at]
    if source < 0:
        return -1 - source == number
    return stretch.start <= script.words.starts[source] < stretch.end


def _is_past(script: Script, at: int, number: int, stretch: Stretch) -> bool:
    source = script.sources[at]
    return -1 - source > number if source < 0 else script.words.starts[source] >= stretch.end


def _candidates(script: Script, mentions: Sequence[Mention]) -> Iterator[Candidate]:
    named = [
        m for m in mentions if m.entity_type in ("PERSON", "ORG", "GPE", "NORP", "FAC", "WORK_OF_ART", "PRODUCT", "LAW")
    ]
    starts = [m.start for m in named]
    for number, (sentence, tree) in enumerate(zip(script.sentences, script.trees, strict=True)):
        own = [
            (j, s) for j, s in enumerate(sentence.sources) if s >= 0 and script.stretch_at[script.bases[number] + j] < 0
        ]
        if not own:
            continue
        inside = named[
            bisect_left(starts, script.words.starts[own[0][1]]) : bisect_right(starts, script.words.starts[own[-1][1]])
        ]
        if tree is None:
            yield from _unparsed(script, number, own, inside)
        else:
            yield from _parsed(script, number, sentence, tree, own, inside)


def _unparsed(
    script: Script, number: int, own: Sequence[tuple[int, int]], inside: Sequence[Mention]
) -> Iterator[Candidate]:
    words, base = script.words, script.bases[number]
    starts = [words.starts[s] for _, s in own]
    for mention in inside:
        first, last = bisect_left(starts, mention.start), bisect_left(starts, mention.end) - 1
        if first <= last:
            head = base + own[last][0]
            yield Candidate(
                mention.start,
                mention.end,
                head,
                base + own[first][0],
                number,
                script.flat[head],
                "NNP",
                "",
                (),
                mention,
            )
    for j, source in own:
        if script.flat[base + j].lower() in ("he", "she", "they"):
            yield Candidate(
                words.starts[source],
                words.ends[source],
                base + j,
                base + j,
                number,
                script.flat[base + j],
                "PRP",
                "",
                (),
                None,
            )


def _parsed(
    script: Script,
    number: int,
    sentence: Sentence,
    tree: Tree,
    own: Sequence[tuple[int, int]],
    inside: Sequence[Mention],
) -> Iterator[Candidate]:
    words, base = script.words, script.bases[number]
    children: list[list[int]] = [[] for _ in tree.heads]
    for j, head in enumerate(tree.heads):
        if head != j:
            children[head].append(j)
    printable = {j for j, _ in own}
    for j, _source in own:
        tag, relation = tree.tags[j], tree.relations[j]
        if not sentence.words[j][0].isalnum():
            continue
        climbed = j
        while relation == "conj" and tree.heads[climbed] != climbed and tree.tags[tree.heads[climbed]] in NOUN_TAGS:
            climbed = tree.heads[climbed]
            relation = tree.relations[climbed]
        is_subject = relation in SUBJECTS
        named = _name_in(inside, words, sentence, j)
        if named and is_subject and tag not in SUBJECT_TAGS:
            tag = "NNP"  # taggers take some names for verbs
        if tag not in (SUBJECT_TAGS if is_subject else NOUN_TAGS) or relation in ("compound", "nmod", "amod", "det"):
            owned = base + tree.heads[j]
            if tag == "PRP$" and (script.weights[owned] >= MIN_PARSED_WEIGHT or script.flat[owned].lower() in WORDS):
                relation = "poss"
            else:
                continue
        first, last = _extent(j, tree, children, printable)
        start, end = words.starts[sentence.sources[first]], words.ends[sentence.sources[last]]
        mention = named or _apposed(inside, words, sentence, children, j, tree)
        if (
            not is_subject
            and mention is None
            and tag not in ("PRP", "PRP$")
            and relation not in ("pobj", "ROOT", "poss")
        ):
            continue
        yield Candidate(
            start,
            end,
            base + j,
            base + first,
            number,
            sentence.words[j],
            tag,
            relation,
            tuple(base + v for v in _verbs(climbed, relation, tree, children, sentence)),
            mention,
            _antecedent(j, tree, base) if tag in ("WP", "WDT") else None,
        )


def _extent(j: int, tree: Tree, children: Sequence[Sequence[int]], printable: set[int]) -> tuple[int, int]:
    """First and last word of the phrase headed by ``j``, without what is merely added to it."""
    first = last = j
    stack = [j]
    while stack:
        at = stack.pop()
        for child in children[at]:
            if child in printable and (tree.relations[child] not in OUTER or (child < j and at != j)):
                first, last = min(first, child), max(last, child)
                stack.append(child)
    while any(k not in printable for k in range(first, j)):
        first += 1
    while any(k not in printable for k in range(j, last + 1)):
        last -= 1
    return first, last


def _name_in(inside: Sequence[Mention], words: Words, sentence: Sentence, j: int) -> Mention | None:
    at = words.starts[sentence.sources[j]]
    return next((m for m in inside if m.start <= at < m.end), None)


def _apposed(
    inside: Sequence[Mention],
    words: Words,
    sentence: Sentence,
    children: Sequence[Sequence[int]],
    j: int,
    tree: Tree,
) -> Mention | None:
    for child in children[j]:
        if tree.relations[child] == "appos" and sentence.sources[child] >= 0:
            found = _name_in(inside, words, sentence, child)
            if found and found.entity_type == "PERSON":
                return found
    return None


def _verbs(j: int, relation: str, tree: Tree, children: Sequence[Sequence[int]], sentence: Sentence) -> Iterator[int]:
    """What the phrase headed by ``j`` may be the subject of: its verb, and the verbs that share it."""
    head = tree.heads[j]
    if relation == "pobj":
        if sentence.words[head].lower() == "to" and head > 0 and sentence.words[head - 1].lower() == "according":
            yield head - 1
            return
        if tree.relations[head] != "agent":
            yield tree.heads[head]
            return
        head = tree.heads[head]
    elif relation not in SUBJECTS:
        yield head
        return
    stack = [head]
    seen = {head}
    while stack:
        verb = stack.pop()
        if tree.tags[verb] in VERB_TAGS:
            yield verb
        for child in children[verb]:
            if (
                tree.relations[child] in SHARED
                and child not in seen
                and not any(tree.relations[k] in SUBJECTS for k in children[child])
            ):
                seen.add(child)
                stack.append(child)


def _antecedent(j: int, tree: Tree, base: int) -> int | None:
    verb = tree.heads[j]
    for _ in range(len(tree.heads)):
        if tree.relations[verb] == "relcl":
            return base + tree.heads[verb]
        if tree.heads[verb] == verb:
            break
        verb = tree.heads[verb]
    return None
