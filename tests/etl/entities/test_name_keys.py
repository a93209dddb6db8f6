import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.entities.name_keys import entity_id, initials, name_key, plain_name


@pytest.mark.parametrize(
    ("entity_type", "printed", "plain"),
    [
        ("ORG", "the Harbour Board", "Harbour Board"),
        ("PERSON", "Mr. Ivo\n   Tallis’s", "Ivo Tallis"),
        ("PERSON", "Lt Gen Mara Quill", "Mara Quill"),
        ("PERSON", "Councillor Quill", "Quill"),
        ("PERSON", "Dr.", "Dr."),
        ("PERSON", "Det. Ch. Insp. Mara Quill", "Mara Quill"),
        ("PERSON", "Lance Corporal Ben Skerry", "Ben Skerry"),
        ("PERSON", "Rt. Rev. Mara Quill", "Mara Quill"),
        ("PERSON", "Virginia Gov. Mara Quill", "Mara Quill"),
        ("PERSON", "Mara St. Quill Jr.", "Mara St. Quill Jr."),
        ("PERSON", "Mara Quill QC MP", "Mara Quill"),
        ("PERSON", "Mara Mp", "Mara Mp"),
        ("PERSON", "DI Quill", "Quill"),
        ("PERSON", "Di Quill", "Di Quill"),
        ("PERSON", 'Mara "Hooks" Quill', "Mara Quill"),
        ("PERSON", "Mara (the Gull) Quill", "Mara (the Gull) Quill"),
        ("ORG", "Justice Department", "Justice Department"),
        ("ORG", "General Mills of Marlowe", "General Mills of Marlowe"),
        ("GPE", "Prince Tallis Island", "Prince Tallis Island"),
    ],
)
def test_plain_name_drops_what_stands_around_a_name(entity_type: str, printed: str, plain: str) -> None:
    assert plain_name(entity_type, printed) == plain


@pytest.mark.parametrize(
    ("entity_type", "one", "other"),
    [
        ("PERSON", "José Álvarez", "JOSE ALVAREZ"),
        ("PERSON", "Mr. Ivo P. Tallis", "Ivo Tallis"),
        ("PERSON", "Samir al-Qadri", "Samir Qadri"),
        ("PERSON", "al-Qadri", "Qadri"),
        ("ORG", "U.N.", "UN"),
        ("ORG", "Brightwater Mills Inc.", "Brightwater Mills"),
        ("ORG", "Ministry of the Interior", "Interior Ministry"),
        ("GPE", "City of Marlowe", "Marlowe"),
    ],
)
def test_spellings_of_one_name_are_one_entity(entity_type: str, one: str, other: str) -> None:
    assert entity_id(entity_type, one) == entity_id(entity_type, other)


@pytest.mark.parametrize(
    ("entity_type", "one", "other"),
    [
        ("PERSON", "Al Tallis", "Tallis"),
        ("PERSON", "Ben Tallis", "Tallis"),
        ("PERSON", "Ivo Tallis", "Ivo Tallis Jr."),
        ("ORG", "United Nations", "United Nations Security Council"),
        ("ORG", "Bank of Marlowe", "Bank of Brightwater"),
    ],
)
def test_different_names_are_different_entities(entity_type: str, one: str, other: str) -> None:
    assert entity_id(entity_type, one) != entity_id(entity_type, other)


def test_the_class_is_part_of_the_identity() -> None:
    assert entity_id("PERSON", "Marlowe") != entity_id("GPE", "Marlowe")


@given(st.sampled_from(["PERSON", "ORG", "GPE", "NORP"]), st.text(max_size=60))
def test_any_text_has_a_key_that_case_and_space_do_not_change(entity_type: str, name: str) -> None:
    assert name_key(entity_type, f"  {name}\n") == name_key(entity_type, name)
    assert len(entity_id(entity_type, name)) == 20


def test_initials_are_those_of_capitalised_words() -> None:
    assert initials("Union of Harbour-Pilots and Masters") == "UHPM"
