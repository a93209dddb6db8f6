from hypothesis import given
from hypothesis import strategies as st

from etl.entities.candidates import Tokens, find_acronyms, find_candidates, find_nicknamed, grown_start, person_start
from etl.model.annotate import unread
from tests.helpers import named
from tests.pages import page_of


def tokens_of(text: str) -> Tokens:
    return Tokens(unread(page_of(text)))


def names(text: str, **labels: str) -> dict[str, list[str | None]]:
    """The candidates of a text, each with the encoder's classes where it stands.

    The encoder gives the first occurrence of each name (underscores as spaces) its class.
    """
    plain = unread(page_of(text))
    starts = {name: plain.copy.text.index(name.replace("_", " ")) for name in labels}
    annotation = named(plain, *((starts[name], starts[name] + len(name), label) for name, label in labels.items()))
    found = find_candidates(annotation, Tokens(annotation))
    return {name.text: [place.label for place in name.places] for name in found.values()}


def test_a_name_the_model_labels_once_is_found_wherever_it_stands() -> None:
    found = names("The wall was built by Ivo Tallis. Later Ivo Tallis left.", Ivo_Tallis="PERSON")
    assert found["Ivo Tallis"] == ["PERSON", None]


def test_runs_of_capitals_and_known_names_are_found_without_a_label() -> None:
    found = names("They had gathered yesterday before lunch at Skerrow Hall in Norway.")
    assert found["Skerrow Hall"] == found["Norway"] == [None]


def test_a_particle_tied_to_a_name_begins_it() -> None:
    assert "d'Amico" in names("In the morning d'Amico left.")


def test_words_in_small_letters_are_no_names() -> None:
    assert names("the wall held through the night.") == {}


def test_two_people_under_one_label_are_two_names() -> None:
    found = names("It was built by Tallis and Quill in May.", Tallis_and_Quill="PERSON")
    assert {"Tallis", "Quill"} <= found.keys()
    assert "Tallis and Quill" not in found


def test_a_possessive_is_no_part_of_the_name() -> None:
    found = names("The wall was Ivo Tallis's idea.", **{"Ivo_Tallis's": "PERSON"})
    assert "Ivo Tallis" in found


def test_an_acronym_in_brackets_belongs_to_the_name_it_is_spelled_from() -> None:
    tokens = tokens_of("The Skerrow Harbour Trust (SHT) met. The board (ABC) did not.")
    assert list(find_acronyms(tokens).values()) == ["SHT"]


def test_titles_before_a_name_are_no_part_of_it() -> None:
    tokens = tokens_of("Captain Ivo Tallis left.")
    assert tokens.text(person_start(tokens, 0, 3), 3) == "Ivo Tallis"


def test_a_name_grows_by_the_given_name_before_it() -> None:
    tokens = tokens_of("Then Mary Tallis left.")
    assert tokens.text(grown_start(tokens, 2), 3) == "Mary Tallis"
    tokens = tokens_of("Then the Tallis left.")
    assert grown_start(tokens, 2) == 2


def test_a_nickname_in_marks_is_part_of_the_name() -> None:
    tokens = tokens_of("Then Robert “Slate” Quill left.")
    assert [tokens.text(*span) for span in find_nicknamed(tokens)] == ["Robert “ Slate ” Quill"]


def test_a_token_opens_a_sentence_after_a_full_stop_or_a_break() -> None:
    tokens = tokens_of("It held. “They left.\n\nNobody knew")
    assert [text for text, opens in zip(tokens.texts, tokens.opens, strict=True) if opens and text.isalpha()] == [
        "It",
        "They",
        "Nobody",
    ]


@given(st.text(alphabet="aB .,'“”()\n-", max_size=120))
def test_every_place_of_a_candidate_prints_its_name(text: str) -> None:
    annotation = unread(page_of(text))
    tokens = Tokens(annotation)
    for key, name in find_candidates(annotation, tokens).items():
        assert name.places
        assert all(tokens.key(place.start, place.end) == key for place in name.places)
