"""The base form of a cue, so that "said", "says" and "saying" count as one."""

import re
from collections.abc import Iterator

from etl.knowledge.word_lists import standard_words, words

#: Irregular forms of verbs that report speech.
IRREGULAR = standard_words("irregular_verbs")
#: Endings of inflected forms, and their replacements in the base form. Consonants doubled before "ed" and "ing" become single.
ENDINGS = (("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", ""))
#: The British spelling of an American base form.
BRITISH = re.compile(r"ise\Z")
DOUBLED = re.compile(r"(?P<letter>[bdglmnprt])(?P=letter)\Z")


def lemma_of(cue: str) -> str:
    """A cue's base form in lower case; the cue itself if it is not a form of a verb in ``words.toml``."""
    word = " ".join(cue.casefold().split())
    return IRREGULAR.get(word) or next((base for base in _bases(word) if base in words("cue_verbs")), word)


def _bases(word: str) -> Iterator[str]:
    yield word
    yield BRITISH.sub("ize", word)
    for ending, base_ending in ENDINGS:
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            yield stem + base_ending
            yield BRITISH.sub("ize", stem + base_ending)
            yield DOUBLED.sub(r"\g<letter>", stem)
