import pytest

from etl.knowledge.cue_lemmas import lemma_of


@pytest.mark.parametrize(
    ("cue", "lemma"),
    [
        *[(cue, "say") for cue in ("said", "says", "Saying", "say")],
        *[("told", "tell"), ("denies", "deny"), ("denied", "deny"), ("admitted", "admit"), ("noted", "note")],
        *[("added", "add"), ("arguing", "argue"), ("calling", "call"), ("stressed", "stress"), ("wrote", "write")],
        *[("criticised", "criticize"), ("emphasises", "emphasize"), ("realise", "realize"), ("raised", "raise")],
        *[("According", "according"), ("according", "according"), ("per", "per")],
    ],
)
def test_the_forms_of_a_cue_are_one(cue: str, lemma: str) -> None:
    assert lemma_of(cue) == lemma
