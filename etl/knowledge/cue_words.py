"""Words that report speech, and how strongly each indicates it."""

import json
from collections.abc import Iterable, Mapping
from functools import cache

from etl.knowledge import DATA
from etl.knowledge.word_lists import words as word_list

#: For a word: log(times it was part of a cue / times it was not), in annotated news; fitted by `etl.training.fit_quotes`.
CUES = DATA / "cues.json"
#: The weight of words never seen in a cue, and of those among them that are verbs for how words are uttered.
UNSEEN, UTTERED = -5.0, 0.3
#: Verbs for how words are uttered, in all their forms.
UTTERING = word_list("uttering")


@cache
def weights() -> dict[str, float]:
    """The weight of each known word, in lower case."""
    stored: dict[str, float] = json.loads(CUES.read_text(encoding="utf-8"))
    return dict.fromkeys(UTTERING, UTTERED) | stored


def cue_weights(words: Iterable[str], known: Mapping[str, float]) -> list[float]:
    """How strongly each word indicates reported speech, as log-odds, given the weights of known words."""
    return [known.get(word.lower(), UNSEEN) for word in words]
