from etl.entities.candidates import Tokens, find_acronyms, find_candidates
from etl.entities.evidence import KINDS, NONE, kind_and_odds, signs_of
from etl.model.annotate import unread
from tests.helpers import named
from tests.pages import page_of

PERSON = KINDS.index("person")
TABLE = {"always": ((NONE, 1.0),), "after honorific": ((PERSON, 3.0),), "generic": ((NONE, 2.0),)}


def test_signs_add_up_to_the_odds_against_no_name() -> None:
    assert kind_and_odds({"always": 1.0, "after honorific": 1.0}, TABLE) == (PERSON, 2.0)
    assert kind_and_odds({"always": 1.0, "after honorific": 0.5}, TABLE) == (PERSON, 0.5)
    assert kind_and_odds({"always": 1.0, "generic": 1.0}, TABLE)[1] == -3.0


def test_a_sign_counts_by_the_places_that_show_it() -> None:
    text = unread(page_of("We met Mr. Tolland there. Later on we saw Tolland leave."))
    tokens = Tokens(text)
    name = find_candidates(text, tokens)["tolland",]
    signs = signs_of(name, tokens, {"ends person"})
    assert len(name.places) == 2
    assert signs["after honorific"] == 0.5
    assert signs["repeated"] == signs["ends person"] == signs["model never"] == 1.0


def test_an_acronym_is_explained_by_the_name_before_it() -> None:
    text = unread(page_of("The Harbour Wall Board (HWB) met. Another board (XYZ) did not."))
    assert find_acronyms(Tokens(text)) == {("harbour", "wall", "board"): "HWB"}


def test_what_the_encoder_sees_is_the_mean_over_the_places() -> None:
    text = unread(page_of("We met Ivo Tolland there. Later on we saw Ivo Tolland leave."))
    start = text.copy.text.index("Ivo Tolland")
    text = named(text, (start, start + len("Ivo Tolland"), "PERSON"))
    tokens = Tokens(text)
    signs = signs_of(find_candidates(text, tokens)["ivo", "tolland"], tokens, ())
    assert {sign: value for sign, value in signs.items() if sign.startswith("seen ")} == {
        "seen person": 0.5,
        "seen organisation": 0.0,
        "seen place": 0.0,
        "seen group": 0.0,
        "seen other": 0.0,
    }
