"""Quotations: one speaker's words are one wherever they are printed, altered a little; other people's are not."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from etl.schema import QUOTATION, QUOTATION_COPY
from etl.store.quotations import LEAST_SIMILAR, NEIGHBOURS, find_quotations
from tests.helpers import article, build_in_process, in_duckdb, in_parquet, inodes, write
from tests.warehouse.test_views import add
from warehouse.reader import query

DAY = date(2031, 3, 18)
LEAK = "We have found the leak below the car deck and it will be closed tonight"
#: (words, speaker_id, day)
Said = tuple[str, str | None, date | None]


def quotations(said: list[tuple[int, Said]]) -> dict[str, tuple[str, float]]:
    """The quotation of each utterance and how similar it is to the first, by utterance_id."""
    with duckdb.connect() as db:
        from etl.schema import TABLES, ddl

        for name in ("utterance", "article_group"):
            db.execute(";".join(ddl(TABLES[name])))
        for n, (words, who, day) in said:
            row = {"utterance_id": f"u{n}", "article_id": f"a{n:03}", "published_on": day, "quoted_text": words}
            add(db, "utterance", {**row, "speaker": who, "speaker_id": who, "form": "quoted", "outlet": "Courier"})
            add(db, "article_group", {"article_id": f"a{n:03}", "story_id": f"a{n:03}"})
        find_quotations(db)
        speakers = dict(db.execute("SELECT quotation_id, speaker_id FROM quotation").fetchall())
        found = db.execute("SELECT utterance_id, quotation_id, similarity FROM quotation_copy").fetchall()
        by_number = {f"u{n}": each for n, each in said}
        for utterance, quotation, _ in found:
            assert by_number[utterance][1] in (None, speakers[quotation])
        return {utterance: (quotation, similarity) for utterance, quotation, similarity in found}


def of(*said: Said) -> list[str | None]:
    """The quotation of each of some utterances, None where it is too short for one."""
    found = quotations(list(enumerate(said)))
    return [found.get(f"u{n}", (None, 0))[0] for n in range(len(said))]


def test_words_altered_a_little_are_one_quotation_of_one_speaker() -> None:
    said = [LEAK, LEAK.upper() + "!", LEAK.replace("closed", "mended"), LEAK[3:], f"Well, {LEAK}"]
    assert of(*((words, "quill", DAY) for words in said)) == ["u0"] * 5
    assert of((LEAK, "quill", DAY), ("We have found the leak below and nobody will go on board", "quill", DAY)) == [
        "u0",
        "u1",
    ]


def test_two_speakers_have_two_quotations_and_nobody_joins_the_one_who_has_the_words_most_often() -> None:
    said = [(LEAK, "marrack", DAY), (LEAK, "quill", DAY), (LEAK, "quill", DAY), (LEAK, None, DAY)]
    assert of(*said) == ["u0", "u1", "u1", "u1"]


def test_nobody_known_does_not_make_two_speakers_one() -> None:
    said = [
        (LEAK, None, DAY),
        (LEAK.replace("closed", "mended"), "quill", DAY),
        (LEAK.replace("tonight", "today"), "marrack", DAY),
    ]
    assert of(*said) == ["u0", "u0", "u2"]


def test_the_first_printing_is_the_earliest_by_day() -> None:
    assert of((LEAK, "quill", None), (LEAK, "quill", DAY + timedelta(1)), (LEAK, "quill", DAY)) == ["u2"] * 3


def test_short_words_are_no_quotation() -> None:
    assert of(("We will see about that", "quill", DAY), ("We will see about that now", "quill", DAY)) == [None, "u1"]


def test_words_of_many_that_begin_alike_cost_a_few_comparisons_each() -> None:
    n = 300
    said = [(f"We have found the leak {number} {number * 7919} {number * 104729}", "quill", DAY) for number in range(n)]
    with duckdb.connect() as db:
        from etl.store.quotations import PRINTINGS, pairs

        rows = {"utterance_id": [str(i) for i in range(n)], "quoted_text": [words for words, _, _ in said]}
        fixed = {"form": "quoted", "speaker_id": "quill", "speaker": "Quill", "outlet": "Courier"}
        db.register(
            "utterance",
            pa.table(
                {
                    **rows,
                    **{name: [value] * n for name, value in fixed.items()},
                    "article_id": rows["utterance_id"],
                    "utterance_no": [0] * n,
                    "is_unsaid": [False] * n,
                    "published_on": pa.array([DAY] * n),
                }
            ),
        )
        db.execute(PRINTINGS)
        assert len(db.execute(pairs()).fetchall()) <= 2 * NEIGHBOURS * n


WORDS = st.lists(st.sampled_from(("leak", "deck", "tonight", "ferry")), min_size=0, max_size=3)
SAID = st.tuples(
    WORDS.map(lambda words: " ".join([LEAK, *words])) | WORDS.map(lambda words: " ".join([*words, LEAK[9:]])),
    st.sampled_from((None, "quill", "marrack")),
    st.none() | st.integers(0, 3).map(lambda days: DAY + timedelta(days)),
)


@given(st.lists(SAID, min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, phases=(Phase.generate,))
def test_quotations_do_not_depend_on_the_order_of_utterances(said: list[Said], random: Random) -> None:
    listed = list(enumerate(said))
    found = quotations(listed)
    assert quotations(random.sample(listed, len(listed))) == found
    assert found.keys() == {f"u{n}" for n in range(len(said))}
    for quotation, similarity in found.values():
        assert found[quotation] == (quotation, 1)
        assert LEAST_SIMILAR <= similarity <= 1


def test_a_build_counts_where_words_are_printed_and_shares_what_stays(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in",
        {
            "a.txt": article(f"“{LEAK},” Halvard Quill said."),
            "b.txt": article(
                "It rained.", f"“{LEAK.replace('closed', 'mended')},” Halvard Quill said.", day=date(2031, 3, 20)
            ),
            "undated.txt": article("“Nothing was ever said to us of any leak,” Odile Marrack said.", day=None),
        },
    )
    build_in_process(tmp_path / "w", folder)
    counts = "speaker, n_wordings, n_utterances, n_articles, n_outlets, n_days"
    asked = f"SELECT {counts}, last_published_on::VARCHAR AS last FROM quotation ORDER BY speaker"
    assert [tuple(row.values()) for row in query(tmp_path / "w", asked).to_pylist()] == [
        ("Halvard Quill", 2, 2, 2, 1, 2, "2031-03-20"),
        ("Odile Marrack", 1, 1, 1, 1, 0, None),
    ]
    printed = query(
        tmp_path / "w", "SELECT days_later, similarity < 1 AS is_altered FROM quotation_printing ORDER BY ALL"
    )
    assert [tuple(row.values()) for row in printed.to_pylist()] == [(0, False), (2, True)]

    before = inodes(tmp_path / "w")
    write(folder, {"c.txt": article(f"He said: “{LEAK}.”", day=date(2031, 3, 21))})
    build_in_process(tmp_path / "w")
    for table in (QUOTATION, QUOTATION_COPY):
        assert in_duckdb(tmp_path / "w", table) == in_parquet(tmp_path / "w", table)
        kept = {path for path, inode in inodes(tmp_path / "w").items() if before.get(path) == inode}
        assert {path.split("/")[1] for path in kept if path.startswith(f"{table.name}/")} == {"undated-0"}


def test_all_printings_of_an_article_get_its_new_day(tmp_path: Path) -> None:
    two = f"“{LEAK},” Halvard Quill said.\n\n“Nothing was ever said to us of any leak,” Odile Marrack said."
    other = article("“The ferry will not sail before noon on Monday,” Wenna Tolgarth said.")
    folder = write(tmp_path / "in", {"a.txt": article(two), "b.txt": other})
    build_in_process(tmp_path / "w", folder)
    write(folder, {"a.txt": article(two, day=date(2031, 4, 18))})  # as long as "18 March", so that no id changes
    build_in_process(tmp_path / "w")
    asked = "SELECT speaker, published_on::VARCHAR AS day FROM quotation ORDER BY day DESC, speaker"
    assert [tuple(row.values()) for row in query(tmp_path / "w", asked).to_pylist()][:2] == [
        ("Halvard Quill", "2031-04-18"),
        ("Odile Marrack", "2031-04-18"),
    ]
