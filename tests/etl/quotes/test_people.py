from pathlib import Path

from etl.model.annotate import Annotator
from etl.quotes.people import ACTING, SPEAKING
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


def test_the_pronoun_after_a_bare_surname_tells_two_of_that_name_apart(annotator: Annotator) -> None:
    text = (
        "Vote\n\nMary Holt and George Holt ran the harbour. George Holt retired in May; George Holt now sails.\n\n"
        "Holt said the wall would stand, and she asked for money. “It will hold,” she said.\n"
    )
    _, _, references = staged(annotator, text)
    last = references.people.traces[-1]
    assert references.people.persons[last.person].name == "Mary Holt"
