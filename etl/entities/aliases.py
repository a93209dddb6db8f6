"""Alias resolution within one article: maps each name to the fullest name of the same entity.

A short name is mapped to a longer one only if the article has exactly one possible longer name.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile

from etl.entities.name_keys import initials, name_key, plain_key
from etl.entities.spelling import marks, spell_one_name
from etl.knowledge.gazetteer import find_known
from etl.knowledge.given_names import is_given_name
from etl.knowledge.word_lists import words
from etl.text import fold_name

#: An acronym: capitals, but for one small letter inside. Shorter ones match too many names.
ACRONYM = re.compile(r"[A-Z]{3,}|[A-Z]+[a-z][A-Z]+")

#: Classes of what is before the name of a team or paper.
NATIONAL = frozenset({"GPE", "NORP"})

Named = tuple[str, str]  #: class and name
Key = tuple[str, str]  #: class and normalised key


def fullest_names(counts: Mapping[Named, int], acronyms: Mapping[str, str]) -> dict[Named, str]:
    """Map each (class, name) of an article to the fullest name of the same entity.

    ``counts`` has the number of mentions of each name. ``acronyms`` maps full names to the acronyms that the article
    defines for them.
    """
    spellings: dict[Key, list[Named]] = defaultdict(list)
    for entity_type, name in counts:
        spellings[entity_type, name_key(entity_type, name)].append((entity_type, name))
    best = {key: min(named, key=lambda n: _fullness(n[1], counts[n])) for key, named in spellings.items()}
    longer = _longer(best, acronyms)
    return {named: best[_end(key, longer)][1] for key, group in spellings.items() for named in group}


def _fullness(name: str, count: int) -> tuple[int, bool, int, str]:
    """Sort key for the spellings of one name. Prefers more words, then not all capitals, then higher frequency."""
    return -len(name.split()), name.isupper(), -count, name


def _longer(best: Mapping[Key, Named], acronyms: Mapping[str, str]) -> dict[Key, Key]:
    """Map each key to the longer name it refers to, if exactly one is possible. Earlier rules take precedence."""
    found: dict[Key, Key] = {}
    rules: tuple[Callable[[Mapping[Key, Named]], dict[Key, set[Key]]], ...] = (
        lambda best: _explained(best, acronyms),
        _known_together,
        _spelled_by_initials,
        _heads_alone,
        _first_words_alone,
        _last_words_alone,
        _parts_of_people,
        _inner_names_of_people,
        _misspelt_family_names,
    )
    for rule in rules:
        # From the longest: what a short name may stand for depends on what longer ones stand for.
        for key, others in sorted(rule(best).items(), key=lambda item: _by_length(item[0])):
            others = {other for other in others if found.get(other) not in others}
            if len(others) == 1 and key not in found:
                found[key] = others.pop()
    return found


def _end(key: Key, longer: Mapping[Key, Key]) -> Key:
    seen = {key}
    while (key := longer.get(key, key)) not in seen:
        seen.add(key)
    return key


def _explained(best: Mapping[Key, Named], acronyms: Mapping[str, str]) -> dict[Key, set[Key]]:
    found: dict[Key, set[Key]] = defaultdict(set)
    for name, acronym in acronyms.items():
        for entity_type in {entity_type for entity_type, _ in best}:
            short, full = ((entity_type, name_key(entity_type, text)) for text in (acronym, name))
            if short in best and full in best and short != full:
                found[short].add(full)
    return found


def _known_together(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """Names that the data files assign to one entity. Each maps to the longest of them."""
    groups: dict[Named, list[Key]] = defaultdict(list)
    for key, (entity_type, name) in best.items():
        if (known := find_known(name)) and known.entity_type == entity_type:
            groups[entity_type, known.name].append(key)
    return {
        key: {full}
        for group in groups.values()
        for full in [min(group, key=_by_length)]
        for key in group
        if key != full
    }


def _by_length(key: Key) -> tuple[int, int, Key]:
    return -len(key[1].split()), -len(key[1]), key


def _spelled_by_initials(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """Acronyms that match the initials of an organisation's name, of its capitalised words or of all (MHB, TfM)."""
    names: dict[str, set[Key]] = defaultdict(set)
    for key, name in _organisations(best):
        if " " in name:
            for letters in {initials(name), "".join(word[0] for word in name.split())}:
                names[letters.upper()].add(key)
    return {
        key: set(names[bare.upper()])
        for key, name in _organisations(best)
        if ACRONYM.fullmatch(bare := name.replace(".", "")) and bare.upper() in names
    }


def _heads_alone(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """Generic organisation words used alone, such as "the Foundation", mapped to names that begin or end with them."""
    names: dict[str, set[Key]] = defaultdict(set)
    for key, name in _organisations(best):
        parts = fold_name(name).split()
        if len(parts) > 1:
            for head in {parts[0], parts[-1]} & words("common_head"):
                names[head].add(key)
    return {key: set(names[key[1]]) for key, _ in _organisations(best) if key[1] in names}


def _first_words_alone(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """Companies without the last words of their names: "Sorrel Mining" of "Sorrel Mining Group", and "Sorrel" of both.

    Not the first word alone of one with a place in its name, which may be a subsidiary, as one with a legal form is a parent.
    """
    names: dict[str, set[Key]] = defaultdict(set)
    for key, name in _organisations(best):
        parts = name.split()
        company = list(takewhile(_ends_company, reversed(parts[1:])))
        beginnings = [parts[:n] for n in range(len(parts) - len(company), len(parts))]
        if company and not any(map(find_known, parts[1:])):
            beginnings.append(parts[:1])
        for beginning in beginnings:
            names[fold_name(" ".join(beginning))].add(key)
    common = words("org_first") | words("generic")
    return {
        key: others
        for key, name in _organisations(best)
        if not (key[1] in common or find_known(name) or fold_name(name.split()[-1]) in words("legal_forms"))
        and (others := names[key[1]] - {key})
    }


def _last_words_alone(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """Teams, papers and the like without their place: "Gulls" of "Chicago Gulls". Not what every place has, such as a senate."""
    names: dict[str, set[Key]] = defaultdict(set)
    for key, name in _organisations(best):
        place, _, last = name.rpartition(" ")
        if (known := find_known(place)) and known.entity_type in NATIONAL:
            names[fold_name(last)].add(key)
    common = words("org_first") | words("org_last") | words("generic")
    return {
        key: names[key[1]]
        for key, name in _organisations(best)
        if " " not in name and key[1] in names and key[1] not in common and not find_known(name)
    }


def _ends_company(word: str) -> bool:
    """Whether a word may be the last of a company's name."""
    return word[0].isupper() and fold_name(word) in words("company_last")


def _parts_of_people(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """Partial names of people: the last words, the first word, or the first or its initial, or all initials, and the last word."""
    parts: dict[str, set[Key]] = defaultdict(set)
    people = _people(best)
    for key, names in people.items():
        if " " in key[1]:
            endings = [" ".join(names[i:]) for i in range(1, len(names))]
            letters = "".join(name[0] for name in names[:-1])
            both = (f"{first} {names[-1]}" for first in (names[0], letters[0], letters))
            shorts = {plain_key("PERSON", short) for short in (*endings, names[0], *both)}
            for short in (shorts | set(endings)) - {key[1]}:
                parts[short].add(key)
    return {key: set(parts[key[1]]) for key in people if key[1] in parts}


def _inner_names_of_people(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """Family names that another follows, alone: "Tallis" of "Ivo Tallis Varga". Not given names, nor names that end others."""
    people = _people(best)
    last = {names[-1] for names in people.values() if len(names) > 1}
    found: dict[Key, set[Key]] = defaultdict(set)
    for key, names in people.items():
        for inner in set(names[1:-1]) - last - words("particles"):
            if ("PERSON", inner) in people and not is_given_name(inner):
                found["PERSON", inner].add(key)
    return found


def _misspelt_family_names(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """Family names that are spelled otherwise alone than in the full name: "Talis" of "Ivo Tallis"."""
    people = _people(best)
    family = {key: names[-1] for key, names in people.items() if len(names) > 1}
    spelled = set(family.values())
    alike: dict[str, set[Key]] = defaultdict(set)  # so that not each name is compared with each other
    for key, name in family.items():
        for mark in marks(name):
            alike[mark].add(key)
    found = {
        key: {full for mark in marks(name) for full in alike[mark] if spell_one_name([name], [family[full]])}
        for key, (name, *others) in people.items()
        if not others and name not in spelled
    }
    return {key: full for key, full in found.items() if full}


def _people(best: Mapping[Key, Named]) -> dict[Key, list[str]]:
    """The words of each person's name, folded."""
    return {key: fold_name(name).split() for key, (entity_type, name) in best.items() if entity_type == "PERSON"}


def _organisations(best: Mapping[Key, Named]) -> Iterator[tuple[Key, str]]:
    return ((key, name) for key, (entity_type, name) in best.items() if entity_type == "ORG")
