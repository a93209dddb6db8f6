from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.entities.mentions import find_mentions
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.quotes.candidate_speakers import CandidateSpeakers, find_candidates
from etl.quotes.coreference import References, find_references, shares
from etl.quotes.layout import ArticleLayout, lay_out
from etl.sources.record import Record


def staged(annotator: Annotator, text: str) -> tuple[ArticleLayout, CandidateSpeakers, References]:
    page = parse(Record(0, text), Hints())
    annotation = next(annotator([page]))
    layout = lay_out(page, annotation)
    candidates = find_candidates(layout, find_mentions(page, annotation))
    return layout, candidates, find_references(layout, candidates)


def stands_for(annotator: Annotator, text: str, word: str) -> str | None:
    """The name that the last reference headed by a word stands for."""
    layout, _, references = staged(annotator, text)
    positions = [p for p in references.weighed if layout.lower(p) == word]
    person, _ = references.person(positions[-1])
    return person.name if person else None


@pytest.mark.parametrize(
    ("text", "word", "name"),
    [
        ("Mary Holt met John Reed in Leeds. Later she left the hall.", "she", "Mary Holt"),
        ("John Reed spoke after Peter Lang. “Lang did not listen,” he said.", "he", "John Reed"),
        (
            "Mayor Anna Berg opened the bridge. Paul Stone cut the ribbon. The mayor said it was late.",
            "mayor",
            "Anna Berg",
        ),
        # The shadow chancellor is not the chancellor.
        (
            "Chancellor John Reed spoke. Shadow chancellor Peter Lang laughed. The chancellor promised a wall.",
            "chancellor",
            "John Reed",
        ),
        (
            "Chancellor John Reed spoke. Shadow chancellor Peter Lang laughed. The shadow chancellor promised a wall.",
            "chancellor",
            "Peter Lang",
        ),
        ("Peter Lang asked John Reed about the wall.\n\n“It will hold,” he said.", "he", "John Reed"),
        ("Before she spoke, Mary Holt drank some water.", "she", "Mary Holt"),
        ("John Reed met Peter Lang. Lang smiled and spoke.\n\n“It will hold,” he told Lang.", "he", "John Reed"),
        (
            "Peter Lang left. The Lang campaign hailed John Reed, who told a crowd: “No.”\n\n“It will,” he said.",
            "he",
            "John Reed",
        ),
        # The only subject of the sentence before may be that of a subordinate clause.
        (
            "Ruth Berg praised the wall, Berg said.\n\nThat is the reason Mary Holt is seeking funds for the wall.\n\n"
            "“What an idea,” she said in Leeds.",
            "she",
            "Mary Holt",
        ),
        # A reflexive pronoun is whoever is named beside it.
        (
            "Peter Lang walked to the harbour. Lang left. John Reed himself was pleased by the noise. "
            "“It will hold,” he later said.",
            "he",
            "John Reed",
        ),
        # To ask somebody for a deed is no question.
        ("John Reed asked her to call Peter Lang at once. “This is very important,” he wrote.", "he", "John Reed"),
        # Who is asked is the verb's object, not anybody in the sentence.
        (
            "Ruth Berg, a Mary Holt supporter, asked Peter Lang whether the wall would hold. She said she asked out of duty.",
            "she",
            "Ruth Berg",
        ),
        # Who is asked by somebody does not ask.
        (
            "John Reed spoke. Reed was asked by the moderator, Peter Lang, about the wall.\n\n“It will hold,” he said.",
            "he",
            "John Reed",
        ),
        # Who has a name that more women than men have is nearer than the man named next.
        ("Robin Reed said he had seen the wall. He left early. But then Lord Lang spoke.", "he", "Robin Reed"),
        # A pronoun's verb does not govern a name of the same person.
        (
            "When Peter Lang spoke of the wall, John Reed smiled.\n\nAnd he went on, mocking Lang’s wall as “sand.”",
            "he",
            "John Reed",
        ),
        # It does where nobody else fits.
        ("Mary Holt and John Reed met on Monday. He said that Reed’s wall would hold.", "he", "John Reed"),
        # A role beside a name is known without a tree.
        ("Paul Stone, the editor of the Norvane Gazette, left. Then the editor said no.", "editor", "Paul Stone"),
        ("Mary Holt, the mayor's chief adviser, left. Then the adviser said no.", "adviser", "Mary Holt"),
        ("A clerk, Paul Stone, was hit by a stone. Then the clerk said no.", "clerk", "Paul Stone"),
        ("Paul Stone is the boy who found the ring. Then the boy said no.", "boy", "Paul Stone"),
        ("Deputy Prosecutor Mary Holt opened the case. Then the prosecutor said no.", "prosecutor", "Mary Holt"),
        ("District Attorney Mary Holt opened the case. Then the prosecutor said no.", "prosecutor", "Mary Holt"),
        ("Mr Justice Holt jailed Peter Lang. Then the judge said no.", "judge", "Holt"),
        ("Paul Stone, 12, was lost in the hills. Then the boy said no.", "boy", "Paul Stone"),
        ("12-year-old Paul Stone was lost in the hills. Then the boy said no.", "boy", "Paul Stone"),
        # A deputy is a deputy.
        ("Paul Stone and his deputy, Mary Holt, left. Stone wept. Then the deputy said no.", "deputy", "Mary Holt"),
        # In "Mary Holt, the editor said" the editor is somebody else.
        (
            "Paul Stone, the editor, left. Echoing Mary Holt, the editor said no. The editor wept.",
            "editor",
            "Paul Stone",
        ),
    ],
)
def test_a_reference_stands_for_the_person_who_fits(annotator: Annotator, text: str, word: str, name: str) -> None:
    assert stands_for(annotator, f"Harbour news\n\n{text}\n", word) == name


def test_who_is_named_after_a_pronoun_is_a_doubtful_referent_where_nobody_else_fits(annotator: Annotator) -> None:
    layout, _, references = staged(annotator, "Mary Holt and John Reed met. “Get out of here,” she told Holt.")
    (she,) = [p for p in references.weighed if layout.lower(p) == "she"]
    person, probability = references.person(she)
    assert person is not None
    assert person.name == "Mary Holt"
    assert probability <= 0.5


def test_somebody_introduced_without_a_name_stays_without(annotator: Annotator) -> None:
    text = "Deal\n\nAnna Berg spoke to a diplomat on Monday. “It is close,” the diplomat said.\n"
    assert stands_for(annotator, text, "diplomat") is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("John Reed was fined on Monday. The judge said the wall had been in danger.", "judge"),
        ("John Reed smiled. The Reed lawyer said the wall would hold.", "lawyer"),
        ("Unlike John Reed, the boy was calm. Then the boy said the wall would hold.", "boy"),
    ],
)
def test_who_is_called_by_a_role_that_nobody_named_has_is_nobody_named(
    annotator: Annotator, text: str, word: str
) -> None:
    assert stands_for(annotator, f"Harbour news\n\n{text}\n", word) is None


def test_he_is_nobody_named_where_only_a_woman_is(annotator: Annotator) -> None:
    text = "Linda Holt lost her shop.\n\n“I can buy a new one,” he said.\n"
    layout, _, references = staged(annotator, text)
    assert not [p for p in references.weighed if layout.lower(p) == "he"]


@pytest.mark.parametrize("age", ["45", "18"])
def test_an_adult_is_no_boy(annotator: Annotator, age: str) -> None:
    text = f"Harbour news\n\nPaul Stone, {age}, was hit by a bike. The boy said he had not seen him.\n"
    assert stands_for(annotator, text, "boy") is None


@pytest.mark.parametrize(
    ("words", "name"), [("We will wait for him", "John Reed"), ("We will wait for her", "Peter Lang")]
)
def test_who_is_spoken_of_does_not_speak_where_somebody_else_may(annotator: Annotator, words: str, name: str) -> None:
    text = f"Harbour news\n\nJohn Reed, the minister, said no. Peter Lang was ill in May. “{words},” he said.\n"
    assert stands_for(annotator, text, "he") == name


def test_who_is_spoken_for_may_be_meant_in_what_is_said_not_after_it(annotator: Annotator) -> None:
    text = "Trial\n\nA lawyer for Mary Holt said she was innocent. “She did nothing,” he said.\n"
    assert stands_for(annotator, text, "she") == "Mary Holt"
    assert stands_for(annotator, text, "he") is None


def test_whose_role_it_is_may_be_named_with_somebody_else(annotator: Annotator) -> None:
    text = "Trial\n\nReed aide Peter Lang met John Reed. Mary Holt left. The Reed aide said the wall would hold.\n"
    assert stands_for(annotator, text, "aide") == "Peter Lang"


def test_a_pronoun_after_somebody_without_a_name_stands_for_no_name(annotator: Annotator) -> None:
    text = "Deal\n\nJohn Reed left on Monday.\n\nA reporter called it chaos.\n\n“We saw it all,” he said.\n"
    assert stands_for(annotator, text, "he") is None
    asked = "Deal\n\nJohn Reed spoke when a reporter asked about the wall.\n\n“It will hold,” he said.\n"
    assert stands_for(annotator, asked, "he") == "John Reed"


@pytest.mark.parametrize(
    ("address", "pronoun", "name"),
    [("Mr.", "he", "George Holt"), ("Herr", "he", "George Holt"), ("Mme.", "she", "Mary Holt")],
)
def test_a_form_of_address_tells_two_of_one_surname_apart(
    annotator: Annotator, address: str, pronoun: str, name: str
) -> None:
    text = f"Vote\n\nMary Holt and George Holt voted on Monday. {address} Holt left. “I am tired,” {pronoun} said.\n"
    assert stands_for(annotator, text, pronoun) == name


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8))
def test_shares_are_probabilities_in_the_order_of_the_scores(scores: list[float]) -> None:
    found = shares(scores)
    assert sum(found) == pytest.approx(1)
    ordered = [share for _, share in sorted(zip(scores, found, strict=True))]
    assert all(a <= b for a, b in pairwise(ordered))


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["he", "She", "Ann Lee", "John Reed", "the mayor", "said", ".", "“", "”"]), max_size=30)
)
def test_whom_anything_may_stand_for_is_weighed_in_order(annotator: Annotator, pieces: list[str]) -> None:
    _, _, references = staged(annotator, " ".join(pieces))
    for weighed in references.weighed.values():
        assert 0 < sum(w.probability for w in weighed) <= 1 + 1e-9
        assert all(a.probability >= b.probability for a, b in pairwise(weighed))
