import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.entities.evidence import KINDS
from etl.entities.mentions import Mention, find_mentions, mentions_of_speakers
from etl.model.annotate import Annotation, unread
from etl.model.syntax import Tree
from etl.page.parse import Page
from etl.schema import ENTITY_TYPES
from tests.helpers import named
from tests.pages import page_of


def no_parse(tokens: Sequence[int]) -> Tree:
    """Names are found without syntax."""
    raise AssertionError(f"asked to parse {tokens}")


def tokens_of(page: Page) -> Annotation:
    return replace(unread(page), parse=no_parse)


def labelled(page: Page, *labels: tuple[str, str]) -> list[Mention]:
    """The mentions of a page in which the encoder gives every occurrence of texts their classes."""
    text = tokens_of(page)
    spans = (
        (m.start(), m.end(), label) for name, label in labels for m in re.finditer(re.escape(name), text.copy.text)
    )
    return find_mentions(page, named(text, *spans))


def mentions(page: Page, **labels: str) -> list[Mention]:
    """The mentions of a page in which the encoder gives the last occurrence of each text (underscores as spaces) its class."""
    text = tokens_of(page)
    starts = {name: text.copy.text.rindex(name.replace("_", " ")) for name in labels}
    return find_mentions(
        page, named(text, *((starts[name], starts[name] + len(name), label) for name, label in labels.items()))
    )


def printed(page: Page, found: Sequence[Mention]) -> list[tuple[str, str, str]]:
    return [(page.text[m.start : m.end], m.entity_type, m.name) for m in found]


def found(page: Page, **labels: str) -> list[tuple[str, str, str]]:
    return printed(page, mentions(page, **labels))


def test_a_family_name_is_the_person_named_in_full_wherever_it_stands() -> None:
    page = page_of("Ivo Tallis spoke in Norway.", "Mr. Tallis said that Tallis had been there.")
    assert found(page, Ivo_Tallis="PERSON", Norway="GPE", Tallis="PERSON") == [
        ("Ivo Tallis", "PERSON", "Ivo Tallis"),
        ("Norway", "GPE", "Norway"),
        ("Tallis", "PERSON", "Ivo Tallis"),
        ("Tallis", "PERSON", "Ivo Tallis"),
    ]


def test_a_people_that_is_a_given_name_too_is_no_part_of_a_name_before_a_title() -> None:
    page = page_of("German Chancellor Ivo Tallis met German Dorn.", "Comedienne Mara Quill left early.")
    labels = {"German_Chancellor_Ivo_Tallis": "PERSON", "German_Dorn": "PERSON", "Comedienne_Mara_Quill": "PERSON"}
    people = [name for _, entity_type, name in found(page, **labels) if entity_type == "PERSON"]
    assert people == ["Ivo Tallis", "German Dorn", "Mara Quill"]


def test_what_an_office_is_for_is_no_part_of_a_person() -> None:
    page = page_of("He met the Minister for Rivers Daniel Quill.")
    assert [text for text, _, _ in found(page, Rivers_Daniel_Quill="PERSON")] == ["Daniel Quill"]


def test_titles_and_what_they_are_of_are_no_part_of_a_person() -> None:
    page = page_of(
        "The union asked Marlowe Gov. Ivo Tallis about the harbour.",
        "Then Councillor Quill said that Norwegian Mara Dorn, who was there, had known about everything.",
    )
    labels = {"Marlowe_Gov._Ivo_Tallis": "PERSON", "Councillor_Quill": "PERSON", "Norwegian_Mara_Dorn": "PERSON"}
    people = [(text, name) for text, entity_type, name in found(page, **labels) if entity_type == "PERSON"]
    assert people == [("Ivo Tallis", "Ivo Tallis"), ("Quill", "Quill"), ("Mara Dorn", "Mara Dorn")]


def test_letters_after_a_name_are_printed_with_it_but_no_part_of_it() -> None:
    page = page_of("Ivo Tallis QC spoke, then Mara Dorn MP left early.", "The MP was late.")
    for labels in (
        {"Ivo_Tallis": "PERSON", "Mara_Dorn": "PERSON"},
        {"Ivo_Tallis_QC": "PERSON", "Mara_Dorn_MP": "PERSON"},
    ):
        assert found(page, **labels) == [
            ("Ivo Tallis QC", "PERSON", "Ivo Tallis"),
            ("Mara Dorn MP", "PERSON", "Mara Dorn"),
        ]


def test_a_surname_alone_may_have_several_words() -> None:
    page = page_of(
        "They met Joost van der Skerry and Inez De La Quill there.", "Then van der Skerry left with De La Quill."
    )
    labels = {"Joost_van_der_Skerry": "PERSON", "Inez_De_La_Quill": "PERSON", "De_La_Quill": "PERSON"}
    assert {name for _, _, name in found(page, van_der_Skerry="PERSON", **labels)} == {
        "Joost van der Skerry",
        "Inez De La Quill",
    }


def test_a_name_begins_at_the_given_name_before_what_the_model_took_for_it() -> None:
    page = page_of("Hester “Hooks” Quill came.", "Lionel P. Dorn stayed.", "Mr. Dorn said that Mrs. Quill said no.")
    people = printed(page, labelled(page, ("Quill", "PERSON"), ("Dorn", "PERSON")))
    assert [(text, name) for text, _, name in people] == [
        ("Hester “Hooks” Quill", "Hester Quill"),
        ("Lionel P. Dorn", "Lionel P. Dorn"),
        ("Dorn", "Lionel P. Dorn"),
        ("Quill", "Hester Quill"),
    ]


def test_departments_of_one_article_are_told_apart_by_their_first_words() -> None:
    page = page_of("The Justice Department said that it had asked the State Department.")
    assert [name for _, _, name in found(page, Justice_Department="ORG", State_Department="ORG")] == [
        "Justice Department",
        "State Department",
    ]


def test_no_name_goes_over_a_dash_that_stands_apart() -> None:
    page = page_of("Nobody but Daniel Quill – Harbour folk knew – said so.")
    assert next(text for text, _, _ in found(page, **{"Daniel_Quill_–_Harbour": "PERSON"})) == "Daniel Quill"


def test_a_word_with_a_capital_for_opening_the_sentence_is_no_part_of_a_name() -> None:
    page = page_of(
        "Several people met Daniel Quill there; others greeted Daniel Quill beside the harbour wall.",
        "Certainly Daniel Quill said no.",
    )
    text = tokens_of(page)
    first, second, third = (m.start() for m in re.finditer("Daniel Quill", text.copy.text))
    starts = {first: first, second: second, third - len("Certainly "): third}
    spans = ((start, at + len("Daniel Quill"), "PERSON") for start, at in starts.items())
    assert [m.name for m in find_mentions(page, named(text, *spans))] == ["Daniel Quill"] * 3


def test_one_name_is_of_one_class() -> None:
    page = page_of("Daniel Quill, 45, said so.", "Quill, who is a pilot, said no.", "Mrs. Quill told Quill.")
    classes = {entity_type for _, entity_type, _ in found(page, Daniel_Quill="PERSON", Quill="ORG")}
    assert classes == {"PERSON"}


def test_an_acronym_explained_is_its_organisation() -> None:
    page = page_of("The Marlowe Harbour Board (MHB) met.", "Members of the MHB said so.")
    assert [(text, name) for text, _, name in found(page, Marlowe_Harbour_Board="ORG", MHB="ORG")] == [
        ("Marlowe Harbour Board", "Marlowe Harbour Board"),
        ("MHB", "Marlowe Harbour Board"),
        ("MHB", "Marlowe Harbour Board"),
    ]


def test_spans_are_of_the_page_though_the_model_reads_a_folded_copy() -> None:
    page = page_of("It was Ivo\n  Tal\u00adlis, 45, who said it in Norway.")
    assert ("Ivo\n  Tal\u00adlis", "PERSON", "Ivo Tallis") in found(page, Ivo_Tallis="PERSON")


def test_no_name_goes_on_in_the_next_passage() -> None:
    page = page_of("They met Daniel Quill", "Norway said no.")
    texts = [text for text, _, _ in found(page, Daniel_Quill="PERSON", Norway="GPE")]
    assert texts == ["Daniel Quill", "Norway"]


def test_titles_and_possessives_are_no_part_of_a_name() -> None:
    page = page_of("He met Gen Daniel Quill's brother and President Maria Tallis.")
    texts = [text for text, _, _ in found(page, Gen_Daniel_Quill="PERSON", President_Maria_Tallis="PERSON")]
    assert texts == ["Daniel Quill", "Maria Tallis"]


def test_a_title_that_is_a_common_given_name_is_part_of_a_name() -> None:
    page = page_of("He met Rep. Earl Quill, Mayor Don Tallis and Marshall Dorn.")
    texts = [text for text, _, _ in found(page, Earl_Quill="PERSON", Don_Tallis="PERSON", Marshall_Dorn="PERSON")]
    assert texts == ["Earl Quill", "Don Tallis", "Marshall Dorn"]


def test_two_people_joined_by_and_are_two() -> None:
    page = page_of("He met Daniel Quill and Maria Tallis yesterday.")
    assert len(found(page, Daniel_Quill_and_Maria_Tallis="PERSON")) == 2


def test_two_people_by_one_name_each_are_two_whatever_the_model_takes_them_for() -> None:
    page = page_of("", "Hester Quill met Daniel Tallis. Quill and Tallis left. Then Quill and Tallis wed.")
    names = {name for _, _, name in printed(page, labelled(page, ("Quill and Tallis", "PERSON")))}
    assert names == {"Hester Quill", "Daniel Tallis"}


def test_an_abbreviated_place_is_one_whatever_the_model_takes_it_for() -> None:
    page = page_of("", "Rep. Hester Quill (D., Ariz.) met Odile Marrack of the council.")
    assert ("Ariz.", "GPE", "Ariz.") in printed(page, labelled(page, ("Hester Quill", "PERSON"), ("Ariz.", "PERSON")))


def test_one_of_a_people_is_no_place() -> None:
    page = page_of("", "The Spaniard won the race. The crowd cheered as the Spaniard left.")
    assert {kind for _, kind, _ in printed(page, labelled(page, ("Spaniard", "GPE")))} == {"NORP"}


def test_a_title_alone_is_no_name() -> None:
    page = page_of("", "The First Lady met Hester Quill in the hall.")
    assert [
        name for name, _, _ in printed(page, labelled(page, ("First Lady", "PERSON"), ("Hester Quill", "PERSON")))
    ] == ["Hester Quill"]


def test_a_word_that_only_follows_a_noun_for_bodies_is_an_organisation() -> None:
    page = page_of("", "The anti-virus firm Sorrel said so. Hester Quill left.")
    assert ("Sorrel", "ORG", "Sorrel") in printed(page, labelled(page, ("Sorrel", "PERSON")))
    page = page_of("", "The firm Sorrel said so. Then Sorrel laughed.")
    assert {kind for _, kind, _ in printed(page, labelled(page, ("Sorrel", "PERSON")))} == {"ORG"}
    page = page_of("", "The firm Quill founded grew. Hester Quill left. Quill laughed.")
    assert ("Quill", "PERSON", "Hester Quill") in printed(
        page, labelled(page, ("Quill", "PERSON"), ("Hester Quill", "PERSON"))
    )


def doubted(page: Page, name: str) -> set[str]:
    """The classes of one word that the encoder takes for a person with little more probability than for an organisation."""
    spans = [(m.start(), m.end(), "PERSON") for m in re.finditer(name, page.text)]
    annotation = named(tokens_of(page), *spans)
    odds = np.zeros_like(annotation.seen)
    odds[:, [KINDS.index("person"), KINDS.index("organisation")]] = 0.5, 0.4
    seen = np.where(annotation.seen.any(axis=1, keepdims=True), odds, annotation.seen)
    return {m.entity_type for m in find_mentions(page, replace(annotation, seen=seen)) if m.name.endswith(name)}


def test_of_one_word_the_encoder_is_in_doubt_about_what_follows_tells_that_it_is_a_person() -> None:
    assert doubted(page_of("", "According to Sorrel, prices rose."), "Sorrel") == {"ORG"}
    assert doubted(page_of("", "According to Sorrel, prices rose, and she left."), "Sorrel") == {"PERSON"}
    assert doubted(page_of("", "They picked Quill, Sorrel (Norvane) and Dorn."), "Sorrel") == {"PERSON"}


def test_a_word_that_begins_an_organisations_name_and_introduces_nobody_is_one() -> None:
    labels = ("Sorrel Holdings", "ORG"), ("Sorrel", "PERSON")
    page = page_of("", "Sorrel Holdings closed its plant. Then Sorrel sold it.")
    assert ("Sorrel", "ORG", "Sorrel Holdings") in printed(page, labelled(page, *labels))
    page = page_of("", "Sorrel Holdings closed its plant. Hester Sorrel left. Then Sorrel laughed.")
    assert ("Sorrel", "PERSON", "Hester Sorrel") in printed(page, labelled(page, *labels, ("Hester Sorrel", "PERSON")))
    page = page_of("", "Sorrel, 54, runs Sorrel Holdings. Then Sorrel laughed.")
    assert ("Sorrel", "PERSON", "Sorrel") in printed(page, labelled(page, *labels))


def test_what_stands_before_a_ticker_is_an_organisation() -> None:
    for ticker in ("<SOR>", "(SOR.N)", "(NYSE: SOR)"):
        page = page_of("", f"Analysts like Hester Sorrel {ticker} more. They said that Hester Sorrel grew.")
        for label in ("PERSON", "GPE"):
            assert {kind for _, kind, _ in printed(page, labelled(page, ("Hester Sorrel", label)))} == {"ORG"}
        page = page_of("", f"Analysts like the Bank of Norway {ticker} more.")
        assert ("Norway", "GPE", "Norway") in printed(page, labelled(page, ("Norway", "GPE")))


def test_a_ticker_between_angle_brackets_is_no_name() -> None:
    page = page_of("", "Yesterday Sorrel Lines Plc <SOR.L> said that <Tallis Foods Inc> bought it.")
    found = printed(page, labelled(page, ("Sorrel Lines Plc", "ORG"), ("SOR.L", "ORG"), ("Tallis Foods Inc", "ORG")))
    assert [text for text, _, _ in found] == ["Sorrel Lines Plc", "Tallis Foods Inc"]


def test_partners_names_are_one_firm() -> None:
    page = page_of(
        "",
        "Yesterday they asked the traders of Quill & Dorn about their plans.",
        "Later Hester Marrack and Co said that prices rose, while brokers at Sorrel, Tallis and Sons disagreed.",
        "They also asked brokers at Varga and Partners Ltd about it.",
    )
    people = [(name, "PERSON") for name in ("Quill", "Dorn", "Hester Marrack", "Sorrel", "Tallis", "Varga")]
    spans = labelled(page, *people, ("Co", "ORG"), ("Sons", "ORG"))
    assert [(text, kind) for text, kind, _ in printed(page, spans)] == [
        ("Quill & Dorn", "ORG"),
        ("Hester Marrack and Co", "ORG"),
        ("Sorrel, Tallis and Sons", "ORG"),
        ("Varga and Partners Ltd", "ORG"),
    ]


def test_a_possessive_that_nothing_is_of_is_part_of_a_firms_name() -> None:
    page = page_of("", "Brokers asked about Quill's plans. Quill's said that prices rose.")
    assert printed(page, labelled(page, ("Quill", "PERSON"))) == [("Quill's", "ORG", "Quill's")] * 2
    page = page_of("", "Brokers asked about Quill's plans. Quill's boss said that Quill rose.")
    assert {text for text, _, _ in printed(page, labelled(page, ("Quill", "ORG")))} == {"Quill"}


def test_a_party_before_its_members_name_is_no_part_of_it() -> None:
    page = page_of("", "The seat was held by Liberal Democrat Hester Quill until June.")
    people = printed(page, labelled(page, ("Liberal Democrat Hester Quill", "PERSON")))
    assert ("Hester Quill", "PERSON", "Hester Quill") in people


def test_a_legal_form_alone_is_no_name() -> None:
    page = page_of("", "They asked the Marlowe Harbour Co Inc. about the Co Inc there.")
    assert "Co Inc" not in {text for text, _, _ in printed(page, labelled(page, ("Co Inc", "ORG")))}


def test_whoever_leads_an_administration_is_a_person() -> None:
    page = page_of("", "Members of the Quill administration said no.")
    assert printed(page, labelled(page, ("Quill", "ORG"))) == [("Quill", "PERSON", "Quill")]


def test_initials_are_part_of_a_name_and_nobody_alone() -> None:
    page = page_of("", "The harbour asked chairman W.H. Quill, and T. Dorn of the union.", "Quill agreed with P.")
    labels = [(name, "PERSON") for name in ("W.H.", "Quill", "T.", "Dorn", "P.")]
    assert {name for _, _, name in printed(page, labelled(page, *labels))} == {"W.H. Quill", "T. Dorn"}


def test_initials_that_end_a_name_stand_for_it_alone() -> None:
    page = page_of("", "The court heard Thomas K., 43, of Graz.", "Later K. wept.")
    assert ("K.", "PERSON", "Thomas K.") in printed(page, labelled(page, ("Thomas K.", "PERSON"), ("K.", "PERSON")))


def test_the_time_of_day_is_no_part_of_a_name() -> None:
    page = page_of("", "The harbour opens at 9 A.M. Quill closes it at noon. Then Quill left.")
    assert {name for _, _, name in printed(page, labelled(page, ("Quill", "PERSON")))} == {"Quill"}


def test_a_place_before_a_full_name_is_no_given_name() -> None:
    page = page_of("", "It was in Leesburg, Virginia Daniel Quill said no.")
    names = printed(page, labelled(page, ("Leesburg", "GPE"), ("Virginia", "GPE"), ("Daniel Quill", "PERSON")))
    assert ("Daniel Quill", "PERSON", "Daniel Quill") in names


def test_a_place_of_several_words_or_in_capitals_is_one_whatever_the_model_takes_it_for() -> None:
    page = page_of("", "Hester Quill said that South Africa and the UAE would sign.")
    labels = ("Hester Quill", "PERSON"), ("South Africa", "ORG"), ("UAE", "ORG")
    assert {text for text, kind, _ in printed(page, labelled(page, *labels)) if kind == "GPE"} == {
        "South Africa",
        "UAE",
    }


def test_a_cry_in_quotation_marks_is_nobody() -> None:
    page = page_of("", "Hester Quill said she never said “Ahoy,” but heard it.")
    assert printed(page, labelled(page, ("Hester Quill", "PERSON"), ("Ahoy", "PERSON"))) == [
        ("Hester Quill", "PERSON", "Hester Quill")
    ]
    page = page_of("", "They call Hester “Hooks” at sea. Hooks laughed.")
    assert ("Hooks", "PERSON", "Hooks") in printed(page, labelled(page, ("Hooks", "PERSON")))


def test_a_page_without_prose_has_no_mentions() -> None:
    assert find_mentions(Page("", ()), tokens_of(Page("", ()))) == []


def test_speakers_by_pronoun_and_description_are_mentions_of_who_they_are() -> None:
    ivo = Mention(0, 10, "PERSON", "Ivo Tallis")
    speakers = [(20, 22, ivo.entity_id, "pronoun"), (5, 9, ivo.entity_id, "pronoun"), (30, 32, "nobody", "pronoun")]
    assert mentions_of_speakers([ivo], speakers) == [ivo, Mention(20, 22, "PERSON", "Ivo Tallis", "pronoun")]


PLAIN = "Ivo Tallis Norway MHB Harbour Board of the and said ( ) . , 's - “ ” Gen Mr. U.N. al x 45"
WORDS = st.sampled_from([*PLAIN.split(), "\n\n", "\u00ad", "İ", "ǅ"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=30).map(" ".join), min_size=1, max_size=4), st.data())
def test_mentions_are_stretches_of_the_page_in_order_that_do_not_overlap(
    passages: list[str], data: st.DataObject
) -> None:
    page = page_of(*passages)
    text = tokens_of(page)
    if len(text.tokens) > 1:
        start = data.draw(st.integers(0, len(text.tokens) - 2))
        end = data.draw(st.integers(start + 1, len(text.tokens) - 1))
        text = named(text, (int(text.tokens.starts[start]), int(text.tokens.starts[end]), "ORG"))
    result = find_mentions(page, text)
    assert result == find_mentions(page, text)
    assert all(0 <= m.start < m.end <= len(page.text) and m.entity_type in ENTITY_TYPES and m.name for m in result)
    assert all(a.end <= b.start for a, b in pairwise(result))
