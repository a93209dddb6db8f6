"""Words that report speech, and how strongly each indicates it."""

import json
from collections.abc import Iterable, Mapping
from functools import cache

from etl.knowledge import DATA

#: For a word: log(times it was part of a cue / times it was not), in annotated news; fitted by `etl.training.fit_quotes`.
CUES = DATA / "cues.json"
#: The weight of words never seen in a cue.
UNSEEN = -5.0


@cache
def weights() -> dict[str, float]:
    """The weight of each known word, in lower case."""
    stored: dict[str, float] = json.loads(CUES.read_text(encoding="utf-8"))
    return stored


def cue_weights(words: Iterable[str], known: Mapping[str, float]) -> list[float]:
    """How strongly each word indicates reported speech, as log-odds, given the weights of known words."""
    return [known.get(word.lower(), UNSEEN) for word in words]
