import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.entities.authority import Row, Scope
from etl.entities.name_keys import entity_id, entity_ids
from etl.entities.resolve import Canonical, Name, canonical_names, list_decisions, resolve, resolve_exceptions
from etl.entities.spelling import skeleton


def name(entity_type: str, text: str, n: int = 1) -> Name:
    return Name(entity_id(entity_type, text), entity_type, text, n, n)


def resolved(*names: Name, authority: tuple[Row, ...] = ()) -> dict[str, Canonical]:
    found = canonical_names(names, authority)
    return {n.name: found[n.entity_id] for n in names}


def one(*names: Name, authority: tuple[Row, ...] = ()) -> bool:
    return len({c.canonical_id for c in canonical_names(names, authority).values()}) == 1


def table(connection: duckdb.DuckDBPyConnection, *names: Name) -> None:
    connection.execute(
        "CREATE TABLE names "
        "(entity_id VARCHAR, entity_type VARCHAR, name VARCHAR, n_mentions BIGINT, n_articles BIGINT, aliases VARCHAR[])"
    )
    connection.executemany("INSERT INTO names VALUES (?, ?, ?, ?, ?, ?)", [list(n) for n in names])


def test_known_aliases_join_under_the_data_files_name() -> None:
    found = resolved(name("ORG", "ISIS", 9), name("ORG", "Islamic State", 3), name("ORG", "Daesh"))
    assert {c.canonical_name for c in found.values()} == {"Islamic State"}
    assert {c.canonical_id for c in found.values()} == {entity_id("ORG", "ISIS")}


def test_a_capital_and_its_country_and_a_council_and_its_union_stay_apart() -> None:
    assert not one(name("GPE", "Moscow"), name("GPE", "Russia"))
    assert not one(name("ORG", "U.N."), name("ORG", "United Nations Security Council"))


def test_the_plural_of_a_listed_people_or_party_is_that_one_though_articles_take_it_for_an_organisation() -> None:
    assert one(name("ORG", "Socialists"), name("ORG", "Socialist"))
    assert not one(name("ORG", "Sorrels"), name("ORG", "Sorrel"))


def test_a_listed_party_is_known_by_its_first_word_and_by_its_members() -> None:
    assert one(name("ORG", "Labour"), name("ORG", "Labour Party"))
    assert one(name("ORG", "Conservatives"), name("ORG", "Tories"), name("ORG", "Conservative Party"))
    assert not one(name("ORG", "Sorrel"), name("ORG", "Sorrel Party"))


@pytest.mark.parametrize(
    ("one_spelling", "other"),
    [
        (name("PERSON", "Mohammed Tallis"), name("PERSON", "Muhammad Tallis")),
        (name("PERSON", "Oleg Kviritsky"), name("PERSON", "Oleg Kviritskiy")),
        (name("PERSON", "Ivo Saunders", 9), name("PERSON", "Ivo Saundars")),
        (name("ORG", "World Health Organization"), name("ORG", "World Health Organizaton", 9)),
        (name("ORG", "Organisation of Harbour Pilots"), name("ORG", "Organization of Harbor Pilots")),
        (name("ORG", "Brightwater Mills"), name("FAC", "Brightwater Mills", 20)),
        (name("GPE", "Bayonville"), name("LOC", "Bayonville")),
        (name("ORG", "US Tidal Survey"), name("ORG", "United States Tidal Survey")),
    ],
)
def test_variants_of_a_name_join(one_spelling: Name, other: Name) -> None:
    assert one(one_spelling, other)


@pytest.mark.parametrize(
    ("one_name", "other"),
    [
        (name("PERSON", "Karen Tallis"), name("PERSON", "Karin Tallis")),
        (name("PERSON", "Daniel Tallis"), name("PERSON", "Daniela Tallis")),
        (name("PERSON", "Ivo Kelly"), name("PERSON", "Ivo Kelley")),
        (name("PERSON", "Ivo Tallis"), name("PERSON", "Tallis", 50)),
        (name("PERSON", "Marlowe", 50), name("GPE", "Marlowe")),
        (name("ORG", "Harbour Pilots", 5), name("FAC", "Harbour Pilots", 5)),
        (name("ORG", "Channel 12 News"), name("ORG", "Channel 21 News")),
    ],
)
def test_names_that_may_be_two_stay_apart(one_name: Name, other: Name) -> None:
    assert not one(one_name, other)


def test_a_word_that_may_be_a_person_settles_its_other_classes() -> None:
    person, board, place = name("PERSON", "Marlowe", 9), name("ORG", "Marlowe", 9), name("GPE", "Marlowe")
    found = canonical_names([person, board, place])
    assert found[board.entity_id].canonical_id == found[place.entity_id].canonical_id
    assert found[person.entity_id].canonical_id == person.entity_id


def test_look_alikes_share_their_consonants() -> None:
    assert skeleton("qaddafi") == skeleton("kadafi")
    assert skeleton("tallis") != skeleton("dorn")


def asked(*names: Name, authority: tuple[Row, ...] = ()) -> list[tuple[object, ...]]:
    """The questions on some names: reason, name, aliases."""
    with duckdb.connect() as connection:
        table(connection, *names)
        resolve(connection, "names", authority)
        return connection.execute(
            "SELECT reason, name, aliases FROM entity_ambiguous ORDER BY reason, aliases, name_n_articles DESC"
        ).fetchall()


def test_an_acronym_is_the_one_name_that_articles_print_it_for() -> None:
    board = name("ORG", "Brightwater Harbour Board", 3)._replace(aliases=("BHB", "Brightwater Harbour Board"))
    bank = name("ORG", "Bank of Hollow Bay", 3)._replace(aliases=("B.H.B.",))
    alone = name("ORG", "BHB", 9)
    assert one(board, alone)
    assert len({c.canonical_id for c in canonical_names([board, bank, alone]).values()}) == 3
    assert not one(board._replace(n_articles=1), alone)


def test_a_family_name_alone_is_asked_about_with_its_candidates() -> None:
    assert asked(name("PERSON", "Tallis", 7), name("PERSON", "Ivo Tallis", 5), name("PERSON", "Mara Tallis Jr", 2)) == [
        ("family name alone", "Ivo Tallis", ["Tallis"]),
        ("family name alone", "Mara Tallis Jr", ["Tallis"]),
    ]


def test_one_name_with_two_middle_initials_may_be_two_people() -> None:
    ivo = name("PERSON", "Ivo B. Tallis", 5)._replace(
        aliases=("Ivo B. Tallis", "Ivo Q. Tallis", "Ivo Tallis", "Tallis")
    )
    assert asked(ivo) == [("may be two people", "Ivo B. Tallis", ["Ivo B. Tallis", "Ivo Q. Tallis"])]
    assert asked(ivo._replace(aliases=("Ivo Tallis", "Ivo B Tallis", "Mr. B. Tallis"))) == []


@pytest.mark.parametrize(
    ("first", "other"),
    [("Karen Tallis", "Karen Brandovic Tallis"), ("Karen Tallis", "Karin Tallis"), ("Karen Kelly", "Karen Kelley")],
)
def test_names_spelled_alike_that_are_not_joined_are_asked_about(first: str, other: str) -> None:
    names = name("PERSON", first, 5), name("PERSON", other)
    assert not one(*names)
    assert asked(*names) == [("spelled alike", first, [other])]


def test_what_an_authority_has_decided_is_not_asked_again() -> None:
    rows = (Row(2, "PERSON", "Ivo Tallis", ("Tallis",), "Q1"), Row(3, "PERSON", "Iva Tallis", (), "Q2"))
    assert (
        asked(name("PERSON", "Tallis"), name("PERSON", "Ivo Tallis"), name("PERSON", "Iva Tallis"), authority=rows)
        == []
    )


def test_an_authority_takes_along_the_spellings_of_a_name_that_no_article_prints() -> None:
    rows = (Row(2, "PERSON", "Muhammad Tallis", (), "Q1"),)
    assert resolved(name("PERSON", "Mohammed Tallis"), authority=rows)["Mohammed Tallis"][1:] == (
        "Muhammad Tallis",
        "Q1",
    )


def test_an_authority_wins_over_the_data_files() -> None:
    rows = (
        Row(2, "ORG", "The State", ("Islamic State",), "Q1"),
        Row(3, "ORG", "Another", ("ISIS",), "Q2"),
    )
    found = resolved(name("ORG", "ISIS"), name("ORG", "Islamic State"), name("ORG", "ISIL"), authority=rows)
    assert found["ISIS"][1:] == ("Another", "Q2")
    assert found["Islamic State"][1:] == ("The State", "Q1")
    assert found["ISIL"].authority_id is None


def test_what_no_other_row_claims_goes_along_with_an_authority() -> None:
    rows = (Row(2, "ORG", "The State", ("Islamic State",), "Q1"),)
    found = resolved(name("ORG", "ISIS"), name("ORG", "Islamic State"), authority=rows)
    assert {c[1:] for c in found.values()} == {("The State", "Q1")}


def test_an_organisation_is_found_where_articles_take_it_for_a_people_and_its_class_is_listed() -> None:
    authority = (Row(2, "ORG", "Harbour Democrats", ("Democrats",), "Q1"),)
    with duckdb.connect() as connection:
        table(connection, name("NORP", "Democrats"), name("PERSON", "Ivo Tallis"))
        resolve(connection, "names", authority)
        list_decisions(connection, authority)
        rows = connection.execute("SELECT canonical_id, name, entity_type, gender FROM entity_decision").fetchall()
    assert rows == [(name("NORP", "Democrats").entity_id, "Harbour Democrats", "ORG", None)]


def test_scoped_rows_become_exceptions_of_articles() -> None:
    who = name("PERSON", "Ivo Tallis")
    authority = (
        Row(2, "PERSON", "Ivo Tallis", (), "Q1"),
        Row(3, "PERSON", "Ivo Tallis (pilot)", ("Ivo Tallis",), "Q2", Scope(source="wire/north")),
        Row(
            4,
            "PERSON",
            "Ivo Tallis (poet)",
            ("Ivo Tallis",),
            "Q3",
            Scope("Gazette", "south", published_to=date(2001, 12, 31)),
        ),
    )
    with duckdb.connect() as connection:
        table(connection, who)
        resolve(connection, "names", authority)
        connection.execute(
            """
            CREATE TABLE article AS FROM (VALUES
                ('a', 'Herald', DATE '2001-01-01', 'wire/north/1.txt', NULL),
                ('b', 'Herald', DATE '2001-01-01', 'wire/northern/1.txt', NULL),
                ('c', 'Gazette', DATE '2001-12-31', 'south/1.txt', NULL),
                ('d', 'Gazette', DATE '2002-01-01', 'south/2.txt', NULL),
                ('e', NULL, NULL, 'south/3.txt', NULL)
            ) AS t (article_id, publisher, published_on, source_uri, record_key)
            """
        )
        connection.execute("CREATE TABLE mention AS SELECT article_id, ? AS entity_id FROM article", [who.entity_id])
        resolve_exceptions(connection, "article", "mention", authority)
        rows = connection.execute(
            "SELECT article_id, entity_id, canonical_name, authority_id FROM entity_exception ORDER BY ALL"
        ).fetchall()
        ids = connection.execute("SELECT DISTINCT canonical_id FROM entity_exception").fetchall()
    assert rows == [
        ("a", who.entity_id, "Ivo Tallis (pilot)", "Q2"),
        ("c", who.entity_id, "Ivo Tallis (poet)", "Q3"),
    ]
    assert len({who.entity_id, *(i for (i,) in ids)}) == 3


WORD = st.sampled_from(
    ["Ivo", "Mara", "Mohamed", "Muhammad", "Tallis", "Talliss", "UN", "U.N.", "Marlowe", "Board", "Inc"]
)
NAMES = st.lists(
    st.tuples(
        st.sampled_from(["PERSON", "ORG", "GPE", "FAC"]),
        st.lists(WORD, min_size=1, max_size=3).map(" ".join),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=25,
)


def distinct(drawn: list[tuple[str, str, int]]) -> list[Name]:
    return list({n.entity_id: n for n in (name(*one_name) for one_name in drawn)}.values())


def shuffled(items: Sequence[Any]) -> list[Any]:
    return random.Random(1).sample(items, len(items))  # an order, not a secret


def decided(drawn: list[tuple[str, str, int]]) -> dict[str, Row]:
    """Decisions on some names, none against another, by the ``entity_id`` they speak of."""
    kept: dict[str, Row] = {}
    for i, n in enumerate(distinct(drawn)):
        entities = entity_ids(n.entity_type, n.name)
        if entities.isdisjoint(kept):
            kept |= dict.fromkeys(entities, Row(i, n.entity_type, n.name, (), f"Q{i}"))
    return kept


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(NAMES, NAMES.map(decided))
def test_the_order_of_arrival_does_not_matter_and_an_authority_wins(
    drawn: list[tuple[str, str, int]], decisions: dict[str, Row]
) -> None:
    names, rows = distinct(drawn), list(dict.fromkeys(decisions.values()))
    found = canonical_names(names, rows)
    assert canonical_names(shuffled(names), shuffled(rows)) == found
    assert found.keys() == {n.entity_id for n in names}
    assert {c.canonical_id for c in found.values()} <= found.keys()
    assert all(found[c.canonical_id] == c for c in found.values())
    for entity in found.keys() & decisions.keys():
        assert found[entity][1:] == (decisions[entity].name, decisions[entity].id)


def test_nothing_is_left_in_the_connection_but_the_outcome() -> None:
    with duckdb.connect() as connection:
        table(connection, name("PERSON", "Ivo Tallis"))
        resolve(connection, "names")
        resolve(connection, "names")
        tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert tables == {"names", "entity_canonical", "entity_ambiguous"}


def test_no_names_resolve_to_nothing() -> None:
    assert canonical_names([]) == {}
