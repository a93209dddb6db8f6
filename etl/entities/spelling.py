"""Whether two names are one, spelled in two ways."""

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Indel

from etl.knowledge.family_names import is_family_name
from etl.knowledge.given_names import is_given_name

#: Shorter words have no spelling variants. Longer words must be at least this similar after merging similar vowels.
VARIANT_MIN_LETTERS = 5
VARIANT_MIN_SIMILARITY = 0.85
#: The letters at either end of a word, of which a slip of the pen leaves one end whole.
MARK_LETTERS = 3
#: Letter groups for one sound and their replacements, applied in this order.
DIGRAPHS = (
    ("tch", "c"), ("sch", "s"), ("kh", "k"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("zh", "s"),
    ("sh", "s"), ("ch", "c"), ("ck", "k"), ("dj", "j"), ("ce", "se"), ("ci", "si"), ("cy", "si"), ("x", "ks"),
)  # fmt: skip
LATER_LETTERS = str.maketrans("qczwj", "kksvy", "aeiouyh")
FIRST_LETTER = str.maketrans("qczwieou", "kksvaaaa")
#: Vowels that are confused in transliteration.
BROAD_VOWELS = str.maketrans("oeyq", "uiik")


def spell_one_name(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two names are spelling variants. Two common family names never are: "David Kelly" is not "David Kelley"."""
    last, other = words[-1], others[-1]
    are_two_families = last != other and is_family_name(last) and is_family_name(other)
    return len(words) == len(others) and not are_two_families and all(map(_spell_one_word, words, others))


def _spell_one_word(word: str, other: str) -> bool:
    """Whether two words are spelling variants. Two known given names never are, however similar."""
    if word == other:
        return True
    if min(len(word), len(other)) < VARIANT_MIN_LETTERS or (is_given_name(word) and is_given_name(other)):
        return False
    broad, broad_other = word.translate(BROAD_VOWELS), other.translate(BROAD_VOWELS)
    return broad[-1] == broad_other[-1] and Indel.normalized_similarity(broad, broad_other) >= VARIANT_MIN_SIMILARITY


def skeleton(key: str) -> str:
    """The consonants of a key's words, with those confused in transliteration merged. Similar names share it."""
    return " ".join(map(_word_skeleton, key.split()))


@lru_cache(maxsize=1 << 17)
def _word_skeleton(word: str) -> str:
    for printed, plain in DIGRAPHS:
        word = word.replace(printed, plain)
    bare = word[:1].translate(FIRST_LETTER) + word[1:].translate(LATER_LETTERS)
    return "".join(letter for i, letter in enumerate(bare) if i == 0 or letter != bare[i - 1])


def marks(word: str) -> frozenset[str]:
    """What a word shares with one that it is a misspelling of: its consonants, or else its beginning or its end."""
    broad = word.translate(BROAD_VOWELS)
    return frozenset({skeleton(word), f"{broad[:MARK_LETTERS]}-{broad[-1:]}", f"-{broad[-MARK_LETTERS:]}"})
