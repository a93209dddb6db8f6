"""Names across articles: which are one entity, which a person must decide, and what an authority file has decided.

The work is over distinct names, in DuckDB, within the connection's memory limit; only a vector of names or a block of
look-alikes is ever held here. Facts are never rewritten: the outcome is a table from
``entity_id`` to ``canonical_id``, the same in whatever order the names arrive.

A family name alone is never joined to a full name across articles: however often one person is meant, that would put
words in the wrong mouth. It is listed as ambiguous, in the shape of an authority file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType
from rapidfuzz.distance import Indel

from etl.authority import Row
from etl.gazetteer import find_known, is_given_name, spellings
from etl.names import entity_id, plain_key, plain_name

VERSION = "1"

#: Classes between which the model wavers for one and the same thing.
PLACES = ("GPE", "LOC", "FAC")
PLACE = "PLACE"
#: One name in several classes is the class that has this share of its mentions, if one has.
DOMINANT_SHARE = 0.8
#: Words shorter than this have no spelling variants, and of longer ones this part must agree, vowels taken broadly.
VARIANT_MIN_LETTERS = 5
VARIANT_MIN_SIMILARITY = 0.85
#: In a block of look-alikes, a name is compared with the most frequent of the names that stand for themselves.
MAX_CENTRES = 100
#: Candidates listed for one ambiguous family name.
MAX_CANDIDATES = 10

NAMES = pa.schema(
    [(c, pa.string()) for c in ("entity_id", "entity_type", "name")]
    + [(c, pa.int64()) for c in ("n_mentions", "n_articles")]
)
CANONICAL = "entity_canonical"
AMBIGUOUS = "entity_ambiguous"
EXCEPTION = "entity_exception"


class Name(NamedTuple):
    """One distinct name: its identity, class, printed form, and how often it is mentioned, in how many articles."""

    entity_id: str
    entity_type: str
    name: str
    n_mentions: int
    n_articles: int


class Canonical(NamedTuple):
    """The entity a name belongs to: ``entity_id`` of its most frequent name, its name, its authority's identifier."""

    canonical_id: str
    canonical_name: str
    authority_id: str | None


def resolve(connection: duckdb.DuckDBPyConnection, names: str, authority: Sequence[Row] = ()) -> None:
    """Create the tables ``entity_canonical`` and ``entity_ambiguous`` from a relation of distinct names.

    ``names`` is the name of a table or view with the columns of `Name`, one row an ``entity_id``. ``entity_canonical``
    has ``entity_id``, ``canonical_id``, ``canonical_name`` and ``authority_id`` for each; ``entity_ambiguous`` has the
    columns of an authority file, and counts: a row says that the family name in ``aliases`` may be the person in
    ``name``.
    """
    with _functions(connection):
        _read_names(connection, names)
        _group(connection)
        _join_variants(connection)
    _apply_authority(connection, [row for row in authority if not row.scope])
    _name_groups(connection)
    _list_ambiguous(connection)
    for table in ("_name", "_unit", "_variant", "_decided", "_root"):
        connection.execute(f"DROP TABLE {table}")


def resolve_exceptions(
    connection: duckdb.DuckDBPyConnection, articles: str, mentions: str, authority: Sequence[Row]
) -> None:
    """Create the table ``entity_exception`` from the scoped rows of an authority file.

    ``articles`` names a relation with ``article_id``, ``publisher``, ``published_on`` and ``source_uri``; ``mentions``
    one with ``article_id`` and ``entity_id``. The table has a row (``article_id``, ``entity_id``, ``canonical_id``,
    ``canonical_name``, ``authority_id``) for each name that means, in that article, another entity than elsewhere.
    `resolve` comes first.
    """
    connection.execute(
        f"CREATE OR REPLACE TABLE {EXCEPTION} (article_id VARCHAR, entity_id VARCHAR, canonical_id VARCHAR, "
        "canonical_name VARCHAR, authority_id VARCHAR)"
    )
    scoped = [row for row in authority if row.scope]
    if not scoped:
        return
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE _scope (entity_id VARCHAR, publisher VARCHAR, source VARCHAR, "
        "published_from DATE, published_to DATE, canonical_id VARCHAR, canonical_name VARCHAR, authority_id VARCHAR)"
    )
    for row in scoped:
        scope, canonical = row.scope, _scoped_identity(connection, row)
        classes = PLACES if row.entity_type in PLACES else (row.entity_type,)
        for named in sorted({entity_id(c, name) for c in classes for name in (row.name, *row.aliases)}):
            connection.execute(
                "INSERT INTO _scope VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [named, scope.publisher, scope.source, scope.published_from, scope.published_to, *canonical],
            )
    connection.execute(
        f"""
        INSERT INTO {EXCEPTION}
        SELECT DISTINCT article_id, entity_id, s.canonical_id, s.canonical_name, s.authority_id
        FROM (SELECT DISTINCT article_id, entity_id FROM {mentions})
        JOIN _scope AS s USING (entity_id)
        JOIN {articles} AS a USING (article_id)
        WHERE (s.publisher IS NULL OR s.publisher = a.publisher)
          AND (s.source IS NULL OR s.source = a.source_uri OR starts_with(a.source_uri, s.source || '/'))
          AND (s.published_from IS NULL OR a.published_on >= s.published_from)
          AND (s.published_to IS NULL OR a.published_on <= s.published_to)
        ORDER BY ALL
        """
    )
    connection.execute("DROP TABLE _scope")


def canonical_names(names: Iterable[Name], authority: Sequence[Row] = ()) -> dict[str, Canonical]:
    """The entity of each name, by ``entity_id``, for names that fit in memory."""
    table = pa.Table.from_pylist([name._asdict() for name in names], NAMES)
    with duckdb.connect() as connection:
        connection.register("given_name", table)
        resolve(connection, "given_name", authority)
        rows = connection.execute(
            f"SELECT entity_id, canonical_id, canonical_name, authority_id FROM {CANONICAL}"
        ).fetchall()
    return {row[0]: Canonical(*row[1:]) for row in rows}


@contextmanager
def _functions(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Functions on names from here, as SQL functions while the block runs."""
    functions: dict[str, tuple[Callable[[Any], object], str, str]] = {
        "plain_name": (plain_name, "VARCHAR", "VARCHAR"),
        "unit_of": (_unit, NAMED, UNIT),
        "variants_of": (_variants, f"{MEMBER}[]", f"{VARIANT}[]"),
    }
    for name, (function, argument, result) in functions.items():
        vectorised = _over_vectors(
            function, connection.sql(f"SELECT NULL::{result} AS x").to_arrow_table().schema[0].type
        )
        given, returned = duckdb.sqltype(argument), duckdb.sqltype(result)
        connection.create_function(name, vectorised, [given], returned, type=PythonUDFType.ARROW)
    try:
        yield
    finally:
        for name in functions:
            connection.remove_function(name)


NAMED = "STRUCT(family VARCHAR, plain VARCHAR)"
UNIT = "STRUCT(key VARCHAR, unit VARCHAR, shown VARCHAR, block VARCHAR)"
MEMBER = "STRUCT(key VARCHAR, unit VARCHAR)"
VARIANT = "STRUCT(unit VARCHAR, centre VARCHAR)"


def _over_vectors(function: Callable[[Any], object], result: pa.DataType) -> Callable[[pa.ChunkedArray], pa.Array]:
    """A function of one value as one of a column of them."""

    def over(column: pa.ChunkedArray) -> pa.Array:
        return pa.array(map(function, column.to_pylist()), result)

    return over


def _read_names(connection: duckdb.DuckDBPyConnection, names: str) -> None:
    """Each name with its family of classes: where one has by far the most mentions of the plain name, that one.

    A single word that may be a person is left as it is.
    """
    family = f"CASE WHEN entity_type IN ({', '.join(map(repr, PLACES))}) THEN '{PLACE}' ELSE entity_type END"
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE _name AS
        SELECT entity_id, name, {family} AS family, plain_name(name) AS plain, n_mentions, n_articles FROM {names}
        """
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE _name AS
        WITH counted AS (SELECT lower(plain) AS word, family, sum(n_mentions) AS n FROM _name GROUP BY ALL),
        settled AS (
            SELECT word, max_by(family, n) AS family FROM counted GROUP BY word
            HAVING count(*) > 1 AND max(n) >= {DOMINANT_SHARE} * sum(n)
               AND (contains(word, ' ') OR NOT bool_or(family = 'PERSON'))
        )
        SELECT n.* REPLACE (coalesce(s.family, n.family) AS family)
        FROM _name AS n LEFT JOIN settled AS s ON s.word = lower(n.plain)
        """
    )


def _group(connection: duckdb.DuckDBPyConnection) -> None:
    """Each name with its unit: the names that are one by the data files, or by their key alone."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE _unit AS
        SELECT * EXCLUDE (u, plain), unnest(u)
        FROM (SELECT *, unit_of({'family': family, 'plain': plain}) AS u FROM _name)
        """
    )


def _unit(named: Mapping[str, str]) -> dict[str, str | None]:
    """Key, unit, name to show if a data file gives one, and block of look-alikes if there may be any."""
    family, plain = named["family"], named["plain"]
    key = _key(family, plain)
    known = find_known(plain)
    if known and _family(known.entity_type) == family:
        return {"key": key, "unit": f"known/{family}/{known.name}", "shown": known.name, "block": None}
    block = f"{family}/{skeleton(key)}" if " " in key else None
    return {"key": key, "unit": f"{family}/{key}", "shown": None, "block": block}


def _family(entity_type: str) -> str:
    return PLACE if entity_type in PLACES else entity_type


def _key(family: str, plain: str) -> str:
    """`etl.names.plain_key` of a name, its words in the spelling that stands for their variants."""
    key = plain_key("GPE" if family == PLACE else family, plain)
    table = spellings()
    return " ".join([table.get(word, word) for word in key.split()])


def skeleton(key: str) -> str:
    """The consonants of a key's words, those that transliteration confuses taken as one: look-alikes share it."""
    return " ".join(map(_word_skeleton, key.split()))


@lru_cache(maxsize=1 << 17)
def _word_skeleton(word: str) -> str:
    for printed, plain in DIGRAPHS:
        word = word.replace(printed, plain)
    bare = word[:1].translate(FIRST_LETTER) + word[1:].translate(LATER_LETTERS)
    return "".join(letter for i, letter in enumerate(bare) if i == 0 or letter != bare[i - 1])


#: Letters that one sound is written with, in the order they are replaced.
DIGRAPHS = (
    ("tch", "c"), ("sch", "s"), ("kh", "k"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("zh", "s"),
    ("sh", "s"), ("ch", "c"), ("ck", "k"), ("dj", "j"), ("ce", "se"), ("ci", "si"), ("cy", "si"), ("x", "ks"),
)  # fmt: skip
LATER_LETTERS = str.maketrans("qczwj", "kksvy", "aeiouyh")
FIRST_LETTER = str.maketrans("qczwieou", "kksvaaaa")
#: Vowels that transliteration confuses.
BROAD_VOWELS = str.maketrans("oeyq", "uiik")


def _join_variants(connection: duckdb.DuckDBPyConnection) -> None:
    """Units whose keys are spellings of one name, each with the most frequent of them."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE _variant AS
        WITH member AS (
            SELECT block, key, unit, sum(n_articles) AS articles, sum(n_mentions) AS mentions
            FROM _unit WHERE block IS NOT NULL GROUP BY block, key, unit
        ), blocks AS (
            SELECT list({'key': key, 'unit': unit} ORDER BY articles DESC, mentions DESC, key) AS members
            FROM member GROUP BY block HAVING count(*) > 1
        )
        SELECT unnest(variants_of(members), recursive := true) FROM blocks
        """
    )


def _variants(block: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The units that spell the name of one before them, each with the first such."""
    found: list[dict[str, str]] = []
    centres: list[tuple[list[str], str]] = []
    for member in block:
        parts = member["key"].split()
        centre = next((unit for words, unit in centres if _spell_one_name(words, parts)), None)
        if centre is not None:
            found.append({"unit": member["unit"], "centre": centre})
        elif len(centres) < MAX_CENTRES:
            centres.append((parts, member["unit"]))
    return found


def _spell_one_name(words: Sequence[str], others: Sequence[str]) -> bool:
    return len(words) == len(others) and all(map(_spell_one_word, words, others))


def _spell_one_word(word: str, other: str) -> bool:
    """Whether two words are spellings of one; two well-known given names are two names, however alike."""
    if word == other:
        return True
    if min(len(word), len(other)) < VARIANT_MIN_LETTERS or (is_given_name(word) and is_given_name(other)):
        return False
    broad, broad_other = word.translate(BROAD_VOWELS), other.translate(BROAD_VOWELS)
    return broad[-1] == broad_other[-1] and Indel.normalized_similarity(broad, broad_other) >= VARIANT_MIN_SIMILARITY


def _apply_authority(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Each name's root; those an authority file lists have roots of their own, and take along what no other claims."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE _decided "
        "(family VARCHAR, key VARCHAR, decision VARCHAR, shown VARCHAR, authority_id VARCHAR)"
    )
    decided = [
        (family, key, f"authority/{row.id or f'{row.entity_type}/{row.name}'}", row.name, row.id)
        for row in rows
        for family in [_family(row.entity_type)]
        for key in sorted({_key(family, plain_name(name)) for name in (row.name, *row.aliases)})
    ]
    if decided:
        connection.executemany("INSERT INTO _decided VALUES (?, ?, ?, ?, ?)", decided)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE _root AS
        WITH rooted AS (
            SELECT u.*, coalesce(v.centre, u.unit) AS root, d.decision, d.shown AS decided, d.authority_id
            FROM _unit AS u LEFT JOIN _variant AS v USING (unit)
            LEFT JOIN (SELECT DISTINCT * FROM _decided) AS d USING (family, key)
        ), shared AS (
            SELECT root, min(decision) AS decision, min(decided) AS decided, min(authority_id) AS authority_id
            FROM rooted WHERE decision IS NOT NULL GROUP BY root HAVING count(DISTINCT decision) = 1
        )
        SELECT r.entity_id, r.name, r.family, r.key, r.n_mentions, r.n_articles,
               coalesce(r.decision, s.decision, r.root) AS root,
               coalesce(r.decided, s.decided, r.shown) AS shown,
               CASE WHEN r.decision IS NULL THEN s.authority_id ELSE r.authority_id END AS authority_id,
               coalesce(r.decision, s.decision) IS NOT NULL AS is_decided
        FROM rooted AS r LEFT JOIN shared AS s USING (root)
        """
    )


def _name_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """The outcome: each group goes by its most frequent name, unless a data file or an authority gives it another."""
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE {CANONICAL} AS
        WITH named AS (
            SELECT root, max(shown) AS shown, max(authority_id) AS authority_id,
                   min(struct_pack(a := -n_articles, m := -n_mentions, name := name, id := entity_id)) AS best
            FROM _root GROUP BY root
        )
        SELECT r.entity_id, n.best.id AS canonical_id, coalesce(n.shown, n.best.name) AS canonical_name, n.authority_id
        FROM _root AS r JOIN named AS n USING (root) ORDER BY r.entity_id
        """
    )


def _list_ambiguous(connection: duckdb.DuckDBPyConnection) -> None:
    """Family names alone, each with the people it may be, the more frequent first."""
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE {AMBIGUOUS} AS
        WITH person AS (
            SELECT canonical_id, canonical_name, c.authority_id, string_split(key, ' ')[-1] AS family_name,
                   sum(n_articles)::BIGINT AS n_articles, sum(n_mentions)::BIGINT AS n_mentions
            FROM _root AS r JOIN {CANONICAL} AS c USING (entity_id)
            WHERE family = 'PERSON' AND contains(key, ' ') GROUP BY ALL
        ), lone AS (
            SELECT key AS family_name, min(struct_pack(a := -n_articles, name := name)).name AS alias,
                   sum(n_articles)::BIGINT AS n_articles, sum(n_mentions)::BIGINT AS n_mentions
            FROM _root WHERE family = 'PERSON' AND NOT contains(key, ' ') AND NOT is_decided GROUP BY key
        )
        SELECT p.canonical_name AS name, l.alias AS aliases, 'PERSON' AS type, coalesce(p.authority_id, '') AS id,
               '' AS publisher, '' AS source, '' AS published_from, '' AS published_to,
               l.n_articles AS alias_n_articles, l.n_mentions AS alias_n_mentions,
               p.n_articles AS name_n_articles, p.n_mentions AS name_n_mentions
        FROM lone AS l JOIN person AS p USING (family_name)
        QUALIFY row_number() OVER (
            PARTITION BY family_name ORDER BY p.n_articles DESC, p.n_mentions DESC, p.canonical_name, p.canonical_id
        ) <= {MAX_CANDIDATES}
        ORDER BY l.n_articles DESC, aliases, p.n_articles DESC, p.n_mentions DESC, name
        """
    )


def _scoped_identity(connection: duckdb.DuckDBPyConnection, row: Row) -> Canonical:
    """The entity a scoped row speaks of: the one that bears its identifier elsewhere, or one of its own."""
    found = connection.execute(f"SELECT min(canonical_id) FROM {CANONICAL} WHERE authority_id = ?", [row.id]).fetchone()
    own = entity_id(row.entity_type, f"{row.name} {row.id or row.line}")
    return Canonical(found[0] if found and found[0] else own, row.name, row.id)
