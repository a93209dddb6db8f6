"""The base form of a cue, so that "said", "says" and "saying" count as one."""

import re
from collections.abc import Iterator

from etl.knowledge.gazetteer import words

#: Forms of verbs that report speech which no ending gives away.
IRREGULAR = {
    **dict.fromkeys(["began", "begun"], "begin"),
    **dict.fromkeys(["chose", "chosen"], "choose"),
    **dict.fromkeys(["drawn", "drew"], "draw"),
    **dict.fromkeys(["foresaw", "foreseen"], "foresee"),
    **dict.fromkeys(["gave", "given"], "give"),
    **dict.fromkeys(["knew", "known"], "know"),
    **dict.fromkeys(["saw", "seen"], "see"),
    **dict.fromkeys(["sang", "sung"], "sing"),
    **dict.fromkeys(["spoke", "spoken"], "speak"),
    **dict.fromkeys(["swore", "sworn"], "swear"),
    **dict.fromkeys(["took", "taken"], "take"),
    **dict.fromkeys(["wrote", "written"], "write"),
    "felt": "feel",
    "found": "find",
    "laid": "lay",
    "made": "make",
    "meant": "mean",
    "pled": "plead",
    "put": "put",
    "said": "say",
    "sent": "send",
    "shown": "show",
    "sought": "seek",
    "stood": "stand",
    "struck": "strike",
    "thought": "think",
    "told": "tell",
    "understood": "understand",
}
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
