"""Quotations: groups of utterances with the same or nearly the same words by the same speaker, across all articles.

A wording is the quoted text of an utterance in lower case and without punctuation. Nearly equal wordings of one speaker form one
quotation, identified by its first printing: the earliest by day, article and place in the article. An utterance of an unknown
speaker is assigned to the speaker who has the same words elsewhere. The result depends only on the set of utterances, not on the
order in which they arrived. `docs/copies.md` has the measurements behind the constants.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import duckdb
import pyarrow as pa
from rapidfuzz import fuzz, process

from etl.choices import Form
from etl.schema import quoted
from etl.store.duck import folded

#: The version of this module's rules. Increase it with every change that may change a row.
VERSION = "quotations 2"

#: Shorter wordings are left out: different people say "we will see" and mean different things.
MIN_WORDS = 6
#: The least similarity (rapidfuzz's ratio, 0 to 1) of nearly equal wordings: the share of letters in common, in order.
LEAST_SIMILAR = 0.8
#: The least ratio of their lengths that allows this similarity.
LEAST_LENGTH = LEAST_SIMILAR / (2 - LEAST_SIMILAR)
#: Sorted-neighbourhood method (Hernández and Stolfo 1995): wordings are sorted alphabetically, forwards and reversed, and each is
#: compared with NEIGHBOURS predecessors that share its first, or last, BLOCK letters.
NEIGHBOURS = 3
BLOCK = 12
#: Pairs of wordings compared at a time.
BATCH = 20_000

#: Every utterance with a wording, but for what was not said, numbered in order of printing (``place``). ``who_id`` is the speaker.
#: ``wording`` is the place of the first printing of the same words by the same speaker.
PRINTINGS = f"""
CREATE TABLE printing AS
WITH worded AS (
    SELECT row_number() OVER (ORDER BY published_on NULLS LAST, article_id, utterance_no) AS place,
        utterance_id, article_id, utterance_no, published_on, outlet, speaker, speaker_id, quoted_text, words
    FROM (SELECT *, {folded("quoted_text")} AS words FROM utterance WHERE form != {quoted(Form.REPORTED)} AND NOT is_unsaid)
    WHERE words LIKE {quoted(" ".join(["%"] * MIN_WORDS))}
),
owner AS (
    SELECT words, first(speaker_id ORDER BY n DESC, speaker_id) AS speaker_id
    FROM (SELECT words, speaker_id, count(*) AS n FROM worded WHERE speaker_id IS NOT NULL GROUP BY ALL)
    GROUP BY words
)
SELECT worded.*, coalesce(worded.speaker_id, owner.speaker_id) AS who_id, min(place) OVER (PARTITION BY words, who_id) AS wording
FROM worded LEFT JOIN owner USING (words)
"""
#: The rows of ``near_wording``: a wording and the first wording of the quotation that it belongs to, both by place.
NEAR = pa.schema([("wording", pa.int64()), ("first", pa.int64()), ("similarity", pa.float64())])
#: The rows of `QUOTATION_COPY`.
COPIES = """
SELECT printing.utterance_id, printing.article_id, printing.utterance_no, first.utterance_id AS quotation_id,
    coalesce(near_wording.similarity, 1) AS similarity, printing.published_on
FROM printing
LEFT JOIN near_wording USING (wording)
JOIN printing AS first ON first.place = coalesce(near_wording.first, printing.wording)
"""
#: The rows of `QUOTATION`. Nearly all quotations are printed once: only what is printed again has to be counted.
ROWS = """
WITH counted AS (
    SELECT quotation_id, min(who_id) AS speaker_id, arg_min(speaker, place) FILTER (speaker_id IS NOT NULL) AS speaker,
        max(printing.published_on) AS last_published_on, count(*) AS n_utterances, count(DISTINCT words) AS n_wordings,
        count(DISTINCT article_id) AS n_articles, count(DISTINCT story_id) AS n_stories,
        count(DISTINCT outlet) AS n_outlets, count(DISTINCT printing.published_on) AS n_days
    FROM quotation_copy
    SEMI JOIN (FROM quotation_copy WHERE utterance_id != quotation_id) AS later USING (quotation_id)
    JOIN printing USING (utterance_id, article_id)
    JOIN article_group USING (article_id)
    GROUP BY quotation_id
)
SELECT utterance_id AS quotation_id, article_id, quoted_text AS text, published_on, outlet,
    coalesce(counted.speaker, first.speaker) AS speaker,
    coalesce(counted.speaker_id, first.who_id) AS speaker_id,
    coalesce(last_published_on, published_on) AS last_published_on,
    coalesce(n_wordings, 1) AS n_wordings,
    coalesce(n_utterances, 1) AS n_utterances,
    coalesce(n_articles, 1) AS n_articles,
    coalesce(n_stories, 1) AS n_stories,
    coalesce(n_outlets, (outlet IS NOT NULL)::BIGINT) AS n_outlets,
    coalesce(n_days, (published_on IS NOT NULL)::BIGINT) AS n_days
FROM printing AS first
SEMI JOIN quotation_copy AS copy ON copy.quotation_id = first.utterance_id
LEFT JOIN counted ON counted.quotation_id = first.utterance_id
"""


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of one speaker: the place of its first printing, its words, and the speaker if known."""

    place: int
    words: str
    who_id: str | None


def find_quotations(db: duckdb.DuckDBPyConnection) -> None:
    """Create the tables ``quotation`` and ``quotation_copy`` from ``utterance`` and ``article_group``."""
    db.execute(PRINTINGS)
    rows = list(near_wordings(_similar(db)))
    db.register("near_wording", pa.Table.from_pylist(rows, schema=NEAR))
    db.execute(f"CREATE TABLE quotation_copy AS {COPIES}")
    db.execute(f"CREATE TABLE quotation AS {ROWS}")


def pairs() -> str:
    """The SQL for pairs of wordings (later, earlier) to compare, in order: of the same speaker, or of an unknown one."""
    return f"""
        WITH one AS (SELECT {{place: place, words: words, who_id: who_id}} AS wording FROM printing WHERE place = wording),
        neighbour AS ({_neighbours("wording.words", "left")} UNION ALL {_neighbours("reverse(wording.words)", "right")})
        SELECT DISTINCT later.place, later.words, later.who_id, earlier.place, earlier.words, earlier.who_id
        FROM (SELECT *, greatest(wording, other) AS later, least(wording, other) AS earlier FROM neighbour)
        WHERE (wording.who_id = other.who_id OR wording.who_id IS NULL OR other.who_id IS NULL)
            AND least(length(wording.words), length(other.words))
                >= {LEAST_LENGTH} * greatest(length(wording.words), length(other.words))
        ORDER BY 1, 4
    """


def _neighbours(order: str, end: str) -> str:
    lags = ", ".join(f"lag(wording, {back}) OVER sorted" for back in range(1, NEIGHBOURS + 1))
    return f"""
        SELECT * FROM (
            SELECT wording, unnest([{lags}]) AS other FROM one
            WINDOW sorted AS (PARTITION BY {end}(wording.words, {BLOCK}) ORDER BY {order}, wording.place)
        )
        WHERE other IS NOT NULL
    """


def near_wordings(similar: Iterable[tuple[Wording, Wording]]) -> Iterator[dict[str, int | float]]:
    """The wordings that belong to the quotation of an earlier wording, each with the first wording of that quotation.

    ``similar`` are pairs of a wording and an earlier one, in order. The candidates for a wording are the quotations of the earlier
    wordings similar to it. It joins the earliest one whose first wording is also similar to it and whose speaker may be the same.
    """
    first: dict[int, Wording] = {}
    speakers: dict[int, str] = {}
    for _, some in groupby(similar, key=lambda pair: pair[0].place):
        listed = list(some)
        wording = listed[0][0]
        for candidate in sorted({first.get(e.place, e) for _, e in listed}, key=attrgetter("place")):
            speaker = candidate.who_id or speakers.get(candidate.place)
            similarity = fuzz.ratio(wording.words, candidate.words) / 100
            if similarity >= LEAST_SIMILAR and (wording.who_id is None or speaker in (None, wording.who_id)):
                first[wording.place] = candidate
                if wording.who_id:
                    speakers[candidate.place] = wording.who_id
                yield {"wording": wording.place, "first": candidate.place, "similarity": round(similarity, 4)}
                break


def _similar(db: duckdb.DuckDBPyConnection) -> Iterator[tuple[Wording, Wording]]:
    """The compared pairs that are nearly equal (later, earlier), in order."""
    found = db.cursor().execute(pairs())
    while rows := found.fetchmany(BATCH):
        later, earlier = [row[1] for row in rows], [row[4] for row in rows]
        scores = process.cpdist(later, earlier, scorer=fuzz.ratio, score_cutoff=100 * LEAST_SIMILAR)
        yield from (
            (Wording(*row[:3]), Wording(*row[3:])) for row, score in zip(rows, scores, strict=True) if score > 0
        )
