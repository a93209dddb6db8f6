import pytest

from etl.model.annotate import Annotator
from etl.quotes.linked import NO_LINK
from etl.quotes.speaker_features import FEATURES
from etl.quotes.speakers import MAX_LEAD, Choice, Option, lead, options, rank
from tests.etl.quotes.test_coreference import staged


def described(annotator: Annotator, text: str) -> dict[str, dict[str, float]]:
    """The features of each candidate for the first quotation, by name, by the candidate's head word."""
    layout, candidates, _ = staged(annotator, f"Harbour news\n\n{text}\n")
    found = options(layout, candidates)[0]
    return {o.candidate.head: dict(zip(FEATURES, o.features, strict=True)) for o in found}


def test_the_subject_of_the_cue_and_a_bystander_differ_in_their_features(annotator: Annotator) -> None:
    found = described(annotator, "“It will hold,” Mary Holt said on Monday. John Reed went home.")
    holt, reed = found["Holt"], found["Reed"]
    assert (holt["is_subject"], holt["verb_in_sentence"], holt["sentences_apart"]) == (1, 1, 0)
    assert (reed["verb_in_sentence"], reed["sentences_apart"]) == (0, 1)
    assert holt["verb_weight"] > 0 > reed["verb_weight"]
    assert holt["distance"] < reed["distance"]
    assert holt["words"] == reed["words"] == 3
    assert (holt["last_mark"], holt["starts_capital"], holt["is_paragraph"]) == (1, 1, 0)


def test_names_pronouns_and_what_is_said_of_them_are_told_apart(annotator: Annotator) -> None:
    found = described(annotator, "Mary Holt met Mary Holt's friends. “It will hold,” she said.")
    assert (found["she"]["is_he_she"], found["she"]["name_type"]) == (1, 0)
    assert (found["Holt"]["is_he_she"], found["Holt"]["name_type"], found["Holt"]["is_after"]) == (0, 1, 0)
    assert found["Holt"]["times_named"] == 2


@pytest.mark.parametrize(
    ("sentence", "speaker", "others"),
    [
        (
            "“The price will go up again this year,” said Bitcoin and blockchain expert Simon Taylor.",
            "Taylor",
            ["Bitcoin"],
        ),
        ("“We were not ready for that game,” Cardinals center A.Q. Shipley said.", "Shipley", ["Cardinals", "center"]),
        (
            "“They did nothing,” said the lawyer for Mary Holt, John Reed and Ann Lang.",
            "lawyer",
            ["Holt", "Reed", "Lang"],
        ),
    ],
)
def test_a_source_is_who_its_other_words_describe(
    annotator: Annotator, sentence: str, speaker: str, others: list[str]
) -> None:
    found = described(annotator, sentence)
    assert found[speaker]["link"] > 0
    linked = {name: found[name]["link"] for name in others if name in found}
    assert linked
    assert set(linked.values()) == {NO_LINK}


def test_paragraphs_of_one_speech_have_the_speaker_chosen_with_least_doubt(annotator: Annotator) -> None:
    text = "Talks\n\nMary Holt met John Reed.\n\n“We begin now.\n\n“We go on later,” Reed said.\n"
    layout, candidates, _ = staged(annotator, text)
    each = options(layout, candidates)
    doubtful = [0.1 * (o.candidate.head == "Holt") for o in each[0]]
    sure = [5.0 * (o is each[1][-1]) for o in each[1]]
    assert each[1][-1].candidate.head == "Reed"
    ranked = rank(layout, each, [*doubtful, *sure])
    assert [found[0].option.candidate.head for found in ranked] == ["Reed", "Reed"]


@pytest.mark.parametrize(
    ("scores", "over", "expected"), [([], 1, 0.0), ([2.0], 1, MAX_LEAD), ([3.0, 1.0, 0.5], 2, 2.5)]
)
def test_the_lead_is_over_the_next_best(annotator: Annotator, scores: list[float], over: int, expected: float) -> None:
    _, candidates, _ = staged(annotator, "Harbour news\n\nMary Holt spoke.\n")
    ranked = [Choice(Option(candidates.in_order[0], None, ()), score) for score in scores]
    assert lead(ranked, over) == expected
