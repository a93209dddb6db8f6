import spacy

from etl.entities.candidates import Tokens, find_acronyms, find_candidates
from etl.entities.evidence import KINDS, NONE, kind_and_odds, signs_of

PERSON = KINDS.index("person")
TABLE = {"always": ((NONE, 1.0),), "after honorific": ((PERSON, 3.0),), "generic": ((NONE, 2.0),)}


def test_signs_add_up_to_the_odds_against_no_name() -> None:
    assert kind_and_odds({"always": 1.0, "after honorific": 1.0}, TABLE) == (PERSON, 2.0)
    assert kind_and_odds({"always": 1.0, "after honorific": 0.5}, TABLE) == (PERSON, 0.5)
    assert kind_and_odds({"always": 1.0, "generic": 1.0}, TABLE)[1] == -3.0


def test_a_sign_counts_by_the_places_that_show_it() -> None:
    doc = spacy.blank("en")("We met Mr. Tolland there. Later on we saw Tolland leave.")
    tokens = Tokens(doc)
    name = find_candidates(doc, tokens)["tolland",]
    signs = signs_of(name, tokens, {"ends person"})
    assert len(name.places) == 2
    assert signs["after honorific"] == 0.5
    assert signs["repeated"] == signs["ends person"] == signs["model never"] == 1.0


def test_an_acronym_is_explained_by_the_name_before_it() -> None:
    doc = spacy.blank("en")("The Harbour Wall Board (HWB) met. Another board (XYZ) did not.")
    assert find_acronyms(Tokens(doc)) == {("harbour", "wall", "board"): "HWB"}
