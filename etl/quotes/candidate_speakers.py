"""Find candidate speakers: names, pronouns and descriptions outside quotation marks."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from etl.entities.mentions import Mention
from etl.entities.name_keys import PLACES, is_title
from etl.knowledge.gazetteer import find_known, is_people
from etl.knowledge.nouns import ANONYMOUS, PERSON_NOUNS, SPOKEN, voice_of
from etl.knowledge.word_lists import words as word_list
from etl.model.heads import NAME_TAGS, NOUN_TAGS, VERB_TAGS
from etl.quotes.layout import MIN_PARSED_WEIGHT, ArticleLayout, Word
from etl.quotes.sentences import Words
from etl.schema import PERSON
from etl.spans import holding, overlapping

#: Surnames of at most this many letters are not searched for: they are too similar to other words.
MIN_SURNAME = 2
#: Entity types that can speak, or that can be used for a speaker.
SPEAKING_TYPES = frozenset({"PERSON", "ORG", "GPE", "NORP", "FAC", "WORK_OF_ART", "PRODUCT", "LAW"})
#: Entity types that bare surnames are taken for.
LIKE_SURNAMES = frozenset({"ORG", "GPE", "NORP"})
#: Pronouns that are candidates in unparsed sentences.
UNPARSED_PRONOUNS = frozenset({"he", "she", "they"})
#: Tags of the head of a candidate.
HEAD_TAGS = NOUN_TAGS | {"PRP", "WP"}
#: Tags of words that can refer to people when they are a subject ("some say", "many said", "two said").
SUBJECT_TAGS = HEAD_TAGS | {"DT", "JJ", "CD", "JJS", "JJR", "WDT", "VBG", "EX"}
SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "agent"})
#: Relations of a noun inside a longer phrase. The whole phrase is the candidate.
WITHIN_PHRASE = frozenset({"compound", "nmod", "amod", "det"})
#: Relations in which a common noun may be the speaker although it is not a subject.
NOUN_RELATIONS = frozenset({"pobj", "ROOT", "poss"})
#: Relations through which a verb without a subject shares its governor's ("he rose, saying", "met X and told").
SHARED = frozenset({"conj", "xcomp", "advcl", "dep", "pcomp", "ccomp", "acl", "prep", "parataxis"})
#: Verbs whose object says what follows "as saying".
CITING = word_list("citing")
#: Tags of one that a name may stand beside.
ONE = frozenset({"NN", "JJ"})
#: Relations to a role of the name behind it or another ("his cousin Ann Lang", "historian and curator Roger Holt"); trees differ.
JOINED = frozenset({"conj", "nsubj"})
#: Words between a role and the name that it is of ("Mayor of Norvane", "Ambassador to Norland").
OF_BODY = frozenset({"of", "to", "for"})
#: Relations of dependents that are not part of the printed speaker.
OUTER = frozenset({"relcl", "appos", "punct", "acl", "advcl", "cc", "conj", "parataxis", "ccomp", "dep"})

#: What is between a firm, or its first partner, and the name of somebody in its service: other partners, and a role: "Quill, Dorn
#: and Varga senior analyst Ann Lang", "the Norvane Ports Authority (NPA) director-general Ann Lang".
EMPLOYED = re.compile(
    r"(?:\s\([\w.]+\))?(?P<partners>(?:,?\s[A-Z][\w.’'-]*)*,?\s(?:and|&)(?:\s[A-Z][\w.’'-]*)+)?"
    r"(?:\s(?!and\b)[\w-]+){0,3}?\s(?P<role>[A-Za-z-]+)\s"
)
PARTNERS = frozenset({PERSON, "ORG"})
#: Classes of whom somebody is in the service of, and of what a member of a party is mistaken for.
BODY_TYPES = frozenset({"ORG", "GPE"})
#: Tags of a noun for one.
SINGULAR_NOUNS = frozenset({"NN", "NNP"})
#: Determiners of a description of somebody already mentioned, and of somebody new.
DEFINITE, INDEFINITE = frozenset({"the", "this", "that"}), frozenset({"a", "an", "one", "another"})
#: Tags of words that are in no name of a role.
CLAUSAL_TAGS = VERB_TAGS | {"IN", "PRP", "TO", "MD"}

_position = attrgetter("position")


class Candidate(NamedTuple):
    """A phrase that may be the speaker: code points [start, end).

    ``position`` is the position of its head word and ``first`` that of its first word. ``verbs`` are the positions of the verbs
    it may be the subject of. ``mention`` is the name in it. ``antecedent`` is the position of a relative pronoun's antecedent.
    """

    start: int
    end: int
    position: int
    first: int
    sentence_no: int
    head: str
    tag: str
    relation: str = ""
    verbs: tuple[int, ...] = ()
    mention: Mention | None = None
    antecedent: int | None = None


@dataclass(frozen=True, slots=True)
class CandidateSpeakers:
    """The candidates of one article in order of position, and its names, including those the model missed.

    ``times_named`` and ``times_speaking`` are counts by the last word of a name (`last_word`).
    """

    in_order: tuple[Candidate, ...]
    mentions: tuple[Mention, ...]
    times_named: Counter[str]
    times_speaking: Counter[str]

    def near(self, position: int, n: int) -> Sequence[Candidate]:
        """Up to ``n`` candidates before a position and up to ``n`` at or after it, in order."""
        return self.in_order[self.around(position, n)]

    def around(self, position: int, n: int) -> slice:
        """Where they are in the order."""
        at = bisect_left(self.in_order, position, key=_position)
        return slice(max(at - n, 0), at + n)

    def between(self, first: int, end: int) -> Sequence[Candidate]:
        """The candidates at positions [first, end)."""
        at = bisect_left(self.in_order, first, key=_position)
        return self.in_order[at : bisect_left(self.in_order, end, key=_position)]

    def at(self, position: int) -> Candidate | None:
        """The candidate whose head word is at a position."""
        at = bisect_left(self.in_order, position, key=_position)
        return next((c for c in self.in_order[at : at + 1] if c.position == position), None)


def find_candidates(layout: ArticleLayout, mentions: Sequence[Mention]) -> CandidateSpeakers:
    """The candidates of an article, given the names found in it."""
    named = with_surnames(layout.tokens, mentions)
    found = list(_candidates(layout, named))
    times_named = Counter(last_word(m.name) for m in named)
    times_speaking = Counter(last_word(c.mention.name) for c in found if c.mention and is_speaking(layout, c))
    return CandidateSpeakers(tuple(sorted(found, key=_position)), tuple(named), times_named, times_speaking)


def last_word(name: str) -> str:
    """The last word of a name, by which a person is usually called."""
    return name.casefold().rpartition(" ")[2]


def is_speaking(layout: ArticleLayout, candidate: Candidate) -> bool:
    """Whether a candidate is the subject of a verb that reports speech."""
    return candidate.relation in SUBJECTS and any(layout.words[v].cue_weight >= 0 for v in candidate.verbs)


def with_surnames(tokens: Words, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, plus every bare surname of a person named elsewhere that was missed, or taken for an organisation or place."""
    bearers: dict[str, str] = {}
    for m in sorted((m for m in mentions if m.entity_type == PERSON), key=lambda m: m.name.count(" ")):
        surname = m.name.split()[-1]
        if len(surname) > MIN_SURNAME and surname[0].isupper():
            bearers[surname] = m.name
    people = [
        replace(m, entity_type=PERSON, name=bearers[n]) if (n := _doubtful_name(tokens, m)) in bearers else m
        for m in mentions
    ]
    taken = sorted((m.start, m.end) for m in mentions)
    starts = [s for s, _ in taken]
    for text, start, end in zip(tokens.texts, tokens.starts, tokens.ends, strict=True):
        if text in bearers:
            i = bisect_right(starts, start) - 1
            if i < 0 or taken[i][1] <= start:
                people.append(Mention(start, end, PERSON, bearers[text]))
    return sorted(people, key=lambda m: m.start)


def _doubtful_name(tokens: Words, mention: Mention) -> str | None:
    """The word of a one-word mention of a class that surnames are taken for, unless the data files know it as one."""
    i = bisect_left(tokens.starts, mention.start)
    is_single = i < len(tokens.starts) and tokens.starts[i] == mention.start and tokens.ends[i] >= mention.end
    is_doubtful = is_single and mention.entity_type in LIKE_SURNAMES and find_known(tokens.texts[i]) is None
    return tokens.texts[i] if is_doubtful else None


def _candidates(layout: ArticleLayout, mentions: Sequence[Mention]) -> Iterator[Candidate]:
    named = [m for m in mentions if m.entity_type in SPEAKING_TYPES and not _tells_where_from(layout.page.text, m)]
    starts = [m.start for m in named]
    for number, sentence in enumerate(layout.sentences):
        own = [p for p in sentence.positions if not layout.is_quoted(p)]
        if not own:
            continue
        first, last = layout.words[own[0]].start, layout.words[own[-1]].start
        inside = named[bisect_left(starts, first) : bisect_right(starts, last)]
        if sentence.is_parsed:
            yield from _parsed(layout, number, own, inside)
        else:
            yield from _unparsed(layout, number, own, inside)


def _tells_where_from(text: str, mention: Mention) -> bool:
    """Whether a place in brackets says where somebody is from: "Senator Ann Lang (Norvane) said"."""
    is_bracketed = text[mention.start - 1 : mention.start] == "(" and text[mention.end :].lstrip(".").startswith(")")
    return is_bracketed and mention.entity_type in PLACES


def _unparsed(
    layout: ArticleLayout, sentence_no: int, own: Sequence[int], inside: Sequence[Mention]
) -> Iterator[Candidate]:
    """The names and pronouns of an unparsed sentence."""
    words = layout.words
    starts = [words[p].start for p in own]
    for mention in inside:
        first, last = bisect_left(starts, mention.start), bisect_left(starts, mention.end) - 1
        if first <= last:
            yield Candidate(
                start=mention.start,
                end=mention.end,
                position=own[last],
                first=own[first],
                sentence_no=sentence_no,
                head=words[own[last]].text,
                tag="NNP",
                mention=mention,
            )
    for p in own:
        if layout.lower(p) in UNPARSED_PRONOUNS:
            yield Candidate(
                start=words[p].start,
                end=words[p].end,
                position=p,
                first=p,
                sentence_no=sentence_no,
                head=words[p].text,
                tag="PRP",
            )


def _parsed(
    layout: ArticleLayout, sentence_no: int, own: Sequence[int], inside: Sequence[Mention]
) -> Iterator[Candidate]:
    """The noun phrases of a parsed sentence that may be speakers. ``own`` are its words outside quotation marks."""
    words, printable = layout.words, frozenset(own)
    for p in own:
        word = words[p]
        if not word.text[0].isalnum():
            continue
        tag, relation, climbed = word.tag, word.relation, p
        while relation == "conj" and words[climbed].head != climbed and words[words[climbed].head].tag in HEAD_TAGS:
            climbed = words[climbed].head
            relation = words[climbed].relation
        is_subject = relation in SUBJECTS
        if not (is_subject or tag == "PRP$" or (tag in HEAD_TAGS and relation not in WITHIN_PHRASE)):
            continue
        named = holding(inside, word.start) or _titled(layout, p, inside) or _before_ticker(layout, p, inside)
        named = (_employee(layout, named, inside) if named else None) or named
        if named and is_subject and tag not in SUBJECT_TAGS:
            tag = "NNP"  # taggers mistake some names for verbs
        if tag not in (SUBJECT_TAGS if is_subject else HEAD_TAGS) or relation in WITHIN_PHRASE:
            if tag != "PRP$" or not _is_for_words(words[word.head]):
                continue
            relation = "poss"
        needs_name = not (is_subject or tag in ("PRP", "PRP$") or relation in NOUN_RELATIONS)
        if needs_name and not inside:
            continue
        first, last = _extent(words, p, printable)
        mention = named or (_apposed(layout, p, last, inside) if inside else None)
        if mention and _is_member(layout, first, p, mention):
            mention = None
        if needs_name and not mention:
            continue
        yield Candidate(
            start=words[first].start,
            end=_whole_names(layout, max(words[last].end, named.end if named else 0), inside),
            position=p,
            first=first,
            sentence_no=sentence_no,
            head=word.text,
            tag=tag,
            relation=relation,
            verbs=tuple(_verbs(layout, climbed, relation)),
            mention=mention,
            antecedent=_antecedent(words, p) if tag in ("WP", "WDT") else None,
        )


def _is_member(layout: ArticleLayout, first: int, head: int, mention: Mention) -> bool:
    """Whether a phrase is of one member of a party, though it looks like a body's name: "the Ohio Republican"."""
    is_one = layout.words[head].tag in SINGULAR_NOUNS and layout.lower(first) in DEFINITE | INDEFINITE
    return is_one and mention.entity_type in BODY_TYPES and " " in mention.name and is_people(layout.words[head].text)


def _whole_names(layout: ArticleLayout, end: int, inside: Sequence[Mention]) -> int:
    """The end of a phrase with all of the name that it would cut ("the head of the Union of Norland and Vesk").

    Not where the name is a subject itself, to which the parser gave none of its first words.
    """
    cut = ((name.end, layout.position_at(name.end - 1)) for name in inside if name.start < end < name.end)
    return max([end, *(whole for whole, p in cut if p is None or layout.words[p].relation not in SUBJECTS)])


def _is_for_words(noun: Word) -> bool:
    """Whether a noun refers to something said ("claim", "remarks")."""
    return noun.cue_weight >= MIN_PARSED_WEIGHT or noun.text.lower() in SPOKEN


def _extent(words: Sequence[Word], head: int, printable: Collection[int]) -> tuple[int, int]:
    """The first and last word of the phrase headed by a word, without clauses and other additions."""
    first = last = head
    stack = [head]
    while stack:
        at = stack.pop()
        for child in words[at].children:
            if child in printable and (words[child].relation not in OUTER or (child < head and at != head)):
                first, last = min(first, child), max(last, child)
                stack.append(child)
    while any(k not in printable or words[k].text == ":" for k in range(first, head)):
        first += 1
    while any(k not in printable or words[k].text == ":" for k in range(head, last + 1)):
        last -= 1
    is_open = any(words[k].text == "<" for k in range(first, last + 1)) and last + 1 in printable
    return first, last + (is_open and words[last + 1].text == ">")


def _titled(layout: ArticleLayout, title: int, inside: Sequence[Mention]) -> Mention | None:
    """The person's name after a title that the parser mistook for the whole phrase ("said Cmdr. Helen Quill")."""
    if not layout.words[title].text[0].isupper() or not is_title(layout.words[title].text):
        return None
    end = layout.sentence(title).end
    while title < end and is_title(layout.words[title].text):
        title += 1
    found = holding(inside, layout.words[title].start) if title < end else None
    return found if found and found.entity_type == PERSON else None


def _before_ticker(layout: ArticleLayout, ticker: int, inside: Sequence[Mention]) -> Mention | None:
    """The company's name before a ticker that the parser took for the subject: "Quill Lines Plc <QLL.L> said"."""
    is_bracketed = ticker > layout.sentence(ticker).first + 1 and layout.words[ticker - 1].text == "<"
    return holding(inside, layout.words[ticker - 2].start) if is_bracketed else None


def _employee(layout: ArticleLayout, firm: Mention, inside: Sequence[Mention]) -> Mention | None:
    """The person named behind a firm and a role, whatever the tree says: "Quill and Dorn analyst Ann Lang said".

    A partner looks like a person or body. Who is joined to somebody with a title, party or place in front is none.
    """
    for person in inside:
        found = EMPLOYED.fullmatch(layout.page.text, firm.end, person.start) if person.entity_type == PERSON else None
        is_firm = found and (found["role"].islower() if found["partners"] else firm.entity_type in BODY_TYPES)
        if found and is_firm and voice_of(found["role"].lower()) == ANONYMOUS:
            first, name = layout.position_at(firm.end - 1), layout.position_at(person.start)
            others = overlapping(inside, firm.end, firm.end + len(found["partners"] or ""))
            is_phrase = not any(word.tag in CLAUSAL_TAGS for word in layout.words[first:name])
            return person if is_phrase and all(other.entity_type in PARTNERS for other in others) else None
    return None


def _apposed(layout: ArticleLayout, position: int, last: int, inside: Sequence[Mention]) -> Mention | None:
    """The person's name in apposition to a noun whose phrase ends with the word ``last``."""
    words = layout.words
    behind = [child for child in words[position].children if words[child].relation == "appos"]
    if "but" not in (layout.lower(c) for c in words[position].children):  # "everyone but Holt"
        end = layout.sentence(position).end if _is_bare_role(layout, position) else last + 1
        behind += [c for c in words[position].children if position < c < end and words[c].relation in JOINED]
    named = (None if words[child].is_stand_in else holding(inside, words[child].start) for child in behind)
    found = next((m for m in named if m and m.entity_type == PERSON), None)
    found = found or _after_comma(layout, position, last, inside) or _after_body(layout, position, last, inside)
    name = layout.position_at(found.end - 1) if found else None
    return None if name is None or is_another(layout, position, name) else found


def is_another(layout: ArticleLayout, noun: int, name: int) -> bool:
    """Whether the name behind a noun, whose last word is given, is not the noun's, although the tree says so.

    One name is not that of many ("critics of the mayor, Mary Holt"), nor is one of a list that begins within the noun's phrase
    ("the lawyer for Holt, Reed and Lang").
    """
    words, first = layout.words, name
    while first > noun + 1 and words[first - 1].tag in NAME_TAGS:
        first -= 1
    if words[noun].tag == "NNS":
        return True
    behind = [
        word.text.lower() if word.tag not in NAME_TAGS else "" for word in words[name + 1 : layout.sentence(name).end]
    ]
    is_followed = (
        behind[:1] in (["and"], ["or"]) or behind[:2] == [",", ""] or behind[:3] in ([",", "and", ""], [",", "or", ""])
    )
    return is_followed and any(words[p].tag in NAME_TAGS for p in range(noun + 1, first))


def _is_bare_role(layout: ArticleLayout, noun: int) -> bool:
    """Whether a noun is a role without a determiner: the first of a person's ("historian and curator Roger Holt said")."""
    word = layout.words[noun]
    is_role = word.tag in SINGULAR_NOUNS and voice_of(word.text.lower()) == ANONYMOUS
    return is_role and not any(layout.words[c].relation in ("det", "poss") for c in word.children)


def _after_comma(layout: ArticleLayout, position: int, last: int, inside: Sequence[Mention]) -> Mention | None:
    """The person's name directly after a subject and a comma, whatever the tree says.

    The subject is a noun or adjective for one person ("the diver, Peter Turner, said", "a third, Ann Lang, did not") or ends with
    a name ("the delegate in Norvane, Peter Turner, said").
    """
    noun = layout.words[position]
    is_subject = noun.relation in SUBJECTS
    is_noun = (noun.tag in ONE and is_subject) or (noun.tag == "NN" and noun.text.lower() in PERSON_NOUNS)
    is_one = noun.text.lower() == "one" and is_subject
    ends = [position] if is_noun else []
    is_of_body = layout.words[last].tag in NAME_TAGS or voice_of(layout.lower(last)) != ANONYMOUS
    if (is_noun and is_of_body) or (is_one and layout.words[last].tag == "NNS"):
        ends.append(last)
    beyond = layout.sentence(position).end
    names = [p + 2 for p in ends if p + 2 < beyond and layout.words[p + 1].text == ","]
    found = (holding(inside, layout.words[p].start) for p in names)
    return next((name for name in found if name and name.entity_type == PERSON), None)


def _after_body(layout: ArticleLayout, role: int, last: int, inside: Sequence[Mention]) -> Mention | None:
    """The person's name at the end of a role's phrase, behind the name that the role is of: "Mayor of Norvane Ann Lang"."""
    found = holding(inside, layout.words[last].start)
    first = layout.position_at(found.start) if found and found.entity_type == PERSON else None
    if first is None or first <= role + 2 or layout.lower(role + 1) not in OF_BODY or not _is_bare_role(layout, role):
        return None
    body = layout.words[first - 1]
    return found if body.tag in NAME_TAGS and not is_title(body.text) else None


def _verbs(layout: ArticleLayout, position: int, relation: str) -> Iterator[int]:
    """The verbs that a phrase may be the subject of: its own verb and the verbs that share it."""
    words = layout.words
    head = words[position].head
    if relation == "pobj":
        if layout.lower(head) == "to" and head > layout.sentence(head).first and layout.lower(head - 1) == "according":
            yield head - 1
            return
        yield words[words[head].head].head if words[head].relation == "agent" else words[head].head
        return
    if relation not in SUBJECTS:
        yield head
        if relation == "dobj":
            yield from verbs_behind_as(layout, head)
        return
    stack = [head]
    seen = {head}
    while stack:
        verb = stack.pop()
        if words[verb].tag in VERB_TAGS:
            yield verb
        for child in words[verb].children:
            is_shared = words[child].relation in SHARED and child not in seen
            is_shared &= not (
                layout.lower(child) == "as" and any(words[k].relation == "dobj" for k in words[verb].children)
            )
            if is_shared and not any(words[k].relation in SUBJECTS for k in words[child].children):
                seen.add(child)
                stack.append(child)


def verbs_behind_as(layout: ArticleLayout, verb: int) -> Iterator[int]:
    """The verbs behind "as" whose subject is the object of a verb, or its subject in the passive ("quoted Mary Holt as saying").

    There are none behind other verbs than those of citing: who "attacked Holt as calling for blood" says so.
    """
    words = layout.words
    behind = (child for child in words[verb].children if layout.lower(child) == "as" and layout.lower(verb) in CITING)
    yield from (v for p in behind for v in words[p].children if words[v].relation == "pcomp")


def _antecedent(words: Sequence[Word], pronoun: int) -> int | None:
    """The antecedent of a relative pronoun."""
    verb = words[pronoun].head
    while words[verb].relation != "relcl":
        if words[verb].head == verb:
            return None
        verb = words[verb].head
    return words[verb].head
