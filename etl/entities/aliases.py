"""Names of one article that are one entity: each with the fullest name the article gives it.

A name stands for a longer one only if the article has exactly one it can stand for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from etl.entities.name_keys import initials, name_key, plain_key
from etl.knowledge.gazetteer import find_known
from etl.knowledge.word_lists import words
from etl.text import fold_name

#: Acronyms of fewer letters spell too many names.
ACRONYM_MIN_LETTERS = 3

Named = tuple[str, str]  #: class and name
Key = tuple[str, str]  #: class and what its spellings share


def fullest_names(counts: Mapping[Named, int], acronyms: Mapping[str, str]) -> dict[Named, str]:
    """For each (class, name) of an article, counted, the fullest name the article gives the entity.

    ``acronyms`` are those the article explains, by the name that they are short for.
    """
    spellings: dict[Key, list[Named]] = defaultdict(list)
    for entity_type, name in counts:
        spellings[entity_type, name_key(entity_type, name)].append((entity_type, name))
    best = {key: min(named, key=lambda n: _fullness(n[1], counts[n])) for key, named in spellings.items()}
    longer = _longer(best, acronyms)
    return {named: best[_end(key, longer)][1] for key, group in spellings.items() for named in group}


def _fullness(name: str, count: int) -> tuple[int, bool, int, str]:
    """A rank of the spellings of one name, the best first: of most words, not in capitals, most frequent."""
    return -len(name.split()), name.isupper(), -count, name


def _longer(best: Mapping[Key, Named], acronyms: Mapping[str, str]) -> dict[Key, Key]:
    """For each key the one key of a longer name that it can stand for, where there is exactly one."""
    found: dict[Key, Key] = {}
    rules: tuple[Callable[[Mapping[Key, Named]], dict[Key, set[Key]]], ...] = (
        lambda best: _explained(best, acronyms),
        _known_together,
        _spelled_by_initials,
        _heads_alone,
        _parts_of_people,
    )
    for rule in rules:
        for key, others in rule(best).items():
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
    """Names that the data files give one entity: the longest stands for all."""
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
    """Acronyms of organisations whose initials they are."""
    names: dict[str, set[Key]] = defaultdict(set)
    for key, name in _organisations(best):
        if " " in name:
            names[initials(name)].add(key)
    return {
        key: set(names[bare])
        for key, name in _organisations(best)
        if (bare := name.replace(".", "")).isupper() and len(bare) >= ACRONYM_MIN_LETTERS and bare in names
    }


def _heads_alone(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """Kinds of organisation alone, as "the Foundation" is, where the article names one foundation."""
    names: dict[str, set[Key]] = defaultdict(set)
    for key, name in _organisations(best):
        parts = fold_name(name).split()
        if len(parts) > 1:
            for head in {parts[0], parts[-1]} & words("common_head"):
                names[head].add(key)
    return {key: set(names[key[1]]) for key, _ in _organisations(best) if key[1] in names}


def _parts_of_people(best: Mapping[Key, Named]) -> dict[Key, set[Key]]:
    """People by the last words or the first of their names, or by both without what is between."""
    parts: dict[str, set[Key]] = defaultdict(set)
    people = {key: fold_name(name).split() for key, (entity_type, name) in best.items() if entity_type == "PERSON"}
    for key, names in people.items():
        if " " in key[1]:
            endings = [" ".join(names[i:]) for i in range(1, len(names))]
            shorts = {plain_key("PERSON", short) for short in (*endings, names[0], f"{names[0]} {names[-1]}")}
            for short in shorts - {key[1]}:
                parts[short].add(key)
    return {key: set(parts[key[1]]) for key in people if key[1] in parts}


def _organisations(best: Mapping[Key, Named]) -> Iterator[tuple[Key, str]]:
    return ((key, name) for key, (entity_type, name) in best.items() if entity_type == "ORG")
