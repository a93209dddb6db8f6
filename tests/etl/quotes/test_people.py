from pathlib import Path

import pytest

from etl.model.annotate import Annotator
from etl.quotes.people import ACTING, EMBEDDED, SPEAKING
from tests.etl.quotes.test_coreference import staged

EXAMPLES = Path(__file__).parents[2] / "examples" / "articles"


def test_names_titles_and_pronouns_tell_gender_and_role(annotator: Annotator) -> None:
    text = "Port\n\nSenator Mary Holt arrived. She waved. Mr. Tolland, a harbour pilot, stayed on board.\n"
    _, _, references = staged(annotator, text)
    people = {person.name.split()[-1]: person for person in references.people.persons}
    assert people["Holt"].gender < 0 < people["Tolland"].gender
    assert "senator" in people["Holt"].roles


def test_an_overlooked_speaker_becomes_a_person(annotator: Annotator) -> None:
    text = (EXAMPLES / "2031/03/city/river-tops-the-wall.txt").read_text(encoding="utf-8")
    _, _, references = staged(annotator, text)
    assert "Halvard Quill" in [person.name for person in references.people.persons]


def test_a_subject_that_speaks_is_the_most_prominent(annotator: Annotator) -> None:
    text = "Port\n\nMary Holt walked to the quay. John Reed said the boat was late.\n"
    _, _, references = staged(annotator, text)
    levels = {references.people.persons[t.person].name: t.prominence for t in references.people.traces}
    assert levels == {"Mary Holt": ACTING, "John Reed": SPEAKING}


def test_what_is_said_of_somebody_is_not_what_they_say(annotator: Annotator) -> None:
    text = "Vote\n\nMary Holt argued that John Reed had played on fears and offered them nothing.\n"
    _, _, references = staged(annotator, text)
    assert [t.prominence for t in references.people.traces] == [SPEAKING, EMBEDDED]
    _, _, references = staged(annotator, "Vote\n\nMary Holt was told that the boat was late.\n")
    assert [t.prominence for t in references.people.traces] == [ACTING]


def test_a_name_within_another_phrase_is_no_subject(annotator: Annotator) -> None:
    text = "Vote\n\nThe Holt campaign went quiet on Monday.\n\nHolt staff left early.\n\nMary Holt said nothing.\n"
    _, _, references = staged(annotator, text)
    assert [t.prominence for t in references.people.traces] == [0, 0, SPEAKING]


def test_who_tells_something_in_a_relative_clause_speaks(annotator: Annotator) -> None:
    text = "Vote\n\nThe choice is up to John Reed, who told reporters: “The wall will hold until the spring.”\n"
    _, _, references = staged(annotator, text)
    assert [t.prominence for t in references.people.traces] == [SPEAKING]
    _, _, references = staged(annotator, text.replace("told reporters", "told Peter Lang"))
    assert SPEAKING not in [t.prominence for t in references.people.traces]


@pytest.mark.parametrize(
    ("sentence", "is_dead"),
    [
        ("The late John Reed won.", True),
        ("Norvane won by a late John Reed goal.", False),
        ("Four years later, John Reed was dead.", True),
    ],
)
def test_the_words_around_a_name_tell_of_a_death(annotator: Annotator, sentence: str, is_dead: bool) -> None:
    _, _, references = staged(annotator, f"Vote\n\n{sentence}\n")
    assert [person.is_dead for person in references.people.persons if person.name == "John Reed"] == [is_dead]


def test_who_speaks_again_and_again_is_not_dead(annotator: Annotator) -> None:
    dead = "Vote\n\nJohn Reed’s body was frozen stiff after the swim.\n\n"
    _, _, references = staged(annotator, dead)
    assert references.people.persons[0].is_dead
    _, _, references = staged(annotator, f"{dead}Reed said he was cold. Later Reed said he was tired.\n")
    assert not references.people.persons[0].is_dead


def test_the_pronoun_after_a_bare_surname_tells_two_of_that_name_apart(annotator: Annotator) -> None:
    text = (
        "Vote\n\nMary Holt and George Holt ran the harbour. George Holt retired in May; George Holt now sails.\n\n"
        "Holt said the wall would stand, and she asked for money. “It will hold,” she said.\n"
    )
    _, _, references = staged(annotator, text)
    last = references.people.traces[-1]
    assert references.people.persons[last.person].name == "Mary Holt"
