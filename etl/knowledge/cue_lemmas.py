"""The base form of a cue, so that "said", "says" and "saying" count as one."""

import re
from collections.abc import Iterator

from etl.knowledge.word_lists import standard_words, words

#: Forms of verbs that report speech which no ending gives away.
IRREGULAR = standard_words("irregular_verbs")
#: Endings of forms, and what stands in their place in the base form; a doubled consonant before "ed" and "ing" is one.
ENDINGS = (("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", ""))
DOUBLED = re.compile(r"(?P<letter>[bdglmnprt])(?P=letter)\Z")


def lemma_of(cue: str) -> str:
    """A cue's base form, in small letters; the cue itself where it is no form of a verb in ``words.toml``."""
    word = " ".join(cue.casefold().split())
    return IRREGULAR.get(word) or next((base for base in _bases(word) if base in words("cue_verbs")), word)


def _bases(word: str) -> Iterator[str]:
    yield word
    for ending, base_ending in ENDINGS:
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            yield stem + base_ending
            yield DOUBLED.sub(r"\g<letter>", stem)
