"""Entity resolution across articles: merges names, lists ambiguous ones, and applies the authority files.

Resolution works on distinct names, in DuckDB, within the connection's memory limit. Python holds only one vector of
names or one block of similar names at a time. Facts are never rewritten. The result is a table that maps ``entity_id``
to ``canonical_id``. It does not depend on the order of the names.

A family name alone is never merged with a full name across articles, even if it usually refers to one person, because
this would attribute some quotes to the wrong person. It is listed as ambiguous, in the format of an authority file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType
from rapidfuzz.distance import Indel

from etl.entities.authority import Authority, Row
from etl.entities.name_keys import PLACE, PLACES, entity_id, entity_ids, family_of, plain_key, plain_name
from etl.entities.spelling import skeleton, spell_one_name
from etl.knowledge.gazetteer import Known, find_known, spellings
from etl.schema import ENTITY_AMBIGUOUS, ENTITY_DECISION, ENTITY_EXCEPTION, FAMILY_NAME_ALONE, SPELLED_ALIKE, TWO_PEOPLE

VERSION = "6"

#: A name that occurs in several classes gets the class with at least this share of its mentions, if there is one.
DOMINANT_SHARE = 0.8
#: What begins the units of names in the data files.
KNOWN = "known/"
#: Maximum number of cluster centres in a block of similar names. The most frequent names become centres first.
MAX_CENTRES = 100
#: Maximum number of candidates listed for one ambiguous name.
MAX_CANDIDATES = 10

#: Pattern of acronyms, with or without dots. The full name needs this many articles before acronyms are merged with it.
ACRONYM = r"^([A-Z]\.?){3,6}$"
ACRONYM_MIN_ARTICLES = 2
#: Abbreviations at the start of an organisation's name, and their expansions.
FIRST_WORD = {"us": "united states", "u s": "united states", "uk": "united kingdom", "u k": "united kingdom"}
FIRST_WORD_SHORT = re.compile(rf"(?:{'|'.join(FIRST_WORD)})(?= )")
#: Full names at least this similar that are not merged are listed as ambiguous.
ALIKE_MIN_SIMILARITY = 0.9
#: A person's first middle initial, and generation suffixes after the family name.
MIDDLE_INITIAL = r"^[^\s.]{2,} (\p{Lu})(?:\. ?| )\S"
GENERATION = " (jr|sr|ii|iii|iv)$"

NAMES = pa.schema(
    [(c, pa.string()) for c in ("entity_id", "entity_type", "name")]
    + [(c, pa.int64()) for c in ("n_mentions", "n_articles")]
    + [("aliases", pa.list_(pa.string()))]
)
DECIDED = pa.schema(
    [(c, pa.string()) for c in ("entity_id", "entity_type", "name", "decision", "shown", "authority_id")]
    + [("is_of_name", pa.bool_())]
)
CANONICAL = "entity_canonical"
AMBIGUOUS = ENTITY_AMBIGUOUS.name
EXCEPTION = ENTITY_EXCEPTION.name
DECISION = ENTITY_DECISION.name


class Name(NamedTuple):
    """One distinct name: identifier, class, printed form, number of mentions and articles, and its other forms."""

    entity_id: str
    entity_type: str
    name: str
    n_mentions: int
    n_articles: int
    aliases: tuple[str, ...] = ()


class Canonical(NamedTuple):
    """The entity a name refers to: ``entity_id`` of its most frequent name, canonical name, authority identifier."""

    canonical_id: str
    canonical_name: str
    authority_id: str | None


def resolve(
    connection: duckdb.DuckDBPyConnection, names: str, authority: Sequence[Row] = (), named: Sequence[Row] = ()
) -> None:
    """Create the tables ``entity_canonical`` and ``entity_ambiguous`` from a relation of distinct names.

    ``names`` is the name of a table or view with the columns of `Name`, one row per ``entity_id``.
    ``entity_canonical`` has the columns ``entity_id``, ``canonical_id``, ``canonical_name`` and ``authority_id``. The
    columns of ``entity_ambiguous`` are defined in `etl.schema`. ``named`` are entities that corrections name by identifier.
    """
    with _functions(connection):
        _read_names(connection, names, decisions(authority, named))
        _group(connection)
        _join_variants(connection)
    _join_acronyms(connection)
    _apply_authority(connection)
    _name_groups(connection)
    _list_ambiguous(connection)
    for table in ("_decided", "_name", "_unit", "_variant", "_root"):
        connection.execute(f"DROP TABLE {table}")


def resolution(authority: Authority) -> str:
    """Version of the resolution: code version and authority digest. If it differs, results may differ."""
    return f"resolve {VERSION}" + (f", authority {authority.digest}" if authority.digest else "")


def decisions(authority: Sequence[Row], named: Sequence[Row]) -> pa.Table:
    """The decisions of unscoped rows: one row per ``entity_id``, with the canonical name and authority identifier.

    Rows in ``named`` decide the `own_id` of their entity alone: other names of the group may be another's (not ``is_of_name``).
    """
    decided = [
        (row, name, entity, True)
        for row in authority
        if not row.scope
        for name in row.names
        for entity in entity_ids(row.entity_type, name)
    ]
    alone = [(row, row.name, own_id(row.entity_type, row.name, row.id), False) for row in named]
    found = {
        entity: {
            "entity_id": entity,
            "entity_type": row.entity_type,
            "name": name,
            "decision": f"authority/{row.id or f'{family_of(row.entity_type)}/{row.name}'}",
            "shown": row.name,
            "authority_id": row.id,
            "is_of_name": is_of_name,
        }
        for row, name, entity, is_of_name in [*decided, *alone]
    }
    return pa.Table.from_pylist([found[entity] for entity in sorted(found)], DECIDED)


def resolve_exceptions(
    connection: duckdb.DuckDBPyConnection, articles: str, mentions: str, authority: Sequence[Row]
) -> None:
    """Create the table ``entity_exception`` from the scoped rows of an authority file.

    ``articles`` is the name of a relation with ``article_id``, ``publisher``, ``published_on``, ``source_uri`` and ``record_key``.
    ``mentions`` is the name of a relation with ``article_id`` and ``entity_id``. The table has a row (``article_id``,
    ``entity_id``, ``canonical_id``, ``canonical_name``, ``authority_id``) for each name that refers to a different
    entity in that article than elsewhere. Call `resolve` first.
    """
    connection.execute(
        f"CREATE OR REPLACE TABLE {EXCEPTION} (article_id VARCHAR, entity_id VARCHAR, canonical_id VARCHAR, "
        "canonical_name VARCHAR, authority_id VARCHAR)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE _scope (entity_id VARCHAR, publisher VARCHAR, source VARCHAR, record_key VARCHAR, "
        "published_from DATE, published_to DATE, canonical_id VARCHAR, canonical_name VARCHAR, authority_id VARCHAR)"
    )
    scoped = [
        [entity, *astuple(row.scope), *identity]
        for row in authority
        if row.scope
        for identity in [_identity(connection, row)]
        for name in row.names
        for entity in entity_ids(row.entity_type, name)
    ]
    if scoped:
        connection.executemany("INSERT INTO _scope VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", scoped)
        connection.execute(
            f"""
            INSERT INTO {EXCEPTION}
            SELECT DISTINCT article_id, entity_id, s.canonical_id, s.canonical_name, s.authority_id
            FROM {mentions}
            JOIN _scope AS s USING (entity_id)
            JOIN {articles} AS a USING (article_id)
            JOIN {CANONICAL} AS c USING (entity_id)
            WHERE s.canonical_id != c.canonical_id
              AND (s.publisher IS NULL OR s.publisher = a.publisher)
              AND (s.source IS NULL OR s.source = a.source_uri OR starts_with(a.source_uri, s.source || '/'))
              AND (s.record_key IS NULL OR s.record_key = a.record_key)
              AND (s.published_from IS NULL OR a.published_on >= s.published_from)
              AND (s.published_to IS NULL OR a.published_on <= s.published_to)
            """
        )
    connection.execute("DROP TABLE _scope")


def list_decisions(connection: duckdb.DuckDBPyConnection, authority: Sequence[Row]) -> None:
    """Create the table ``entity_decision``: what the authority files say of each entity they name. Call `resolve` first."""
    found: dict[str, tuple[str | None, ...]] = {}
    for row in sorted(authority, key=lambda row: (bool(row.scope), row.gender is None)):
        who = _identity(connection, row).canonical_id
        found.setdefault(who, (who, row.name, row.entity_type, row.id, row.gender))
    rows = [dict(zip(ENTITY_DECISION.names, found[who], strict=True)) for who in sorted(found)]
    connection.register("_decision", pa.Table.from_pylist(rows, ENTITY_DECISION.arrow))
    connection.execute(f"CREATE OR REPLACE TABLE {DECISION} AS FROM _decision")
    connection.unregister("_decision")


def canonical_names(names: Iterable[Name], authority: Sequence[Row] = ()) -> dict[str, Canonical]:
    """Map each ``entity_id`` to its entity, for names that fit in memory."""
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
    """Register this module's functions as SQL functions for the duration of the block."""
    functions: dict[str, tuple[Callable[[Any], object], str, str]] = {
        "plain_name": (lambda named: plain_name(*named.values()), NAMED, "VARCHAR"),
        "unit_of": (_unit, PLAIN, UNIT),
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


NAMED = "STRUCT(entity_type VARCHAR, name VARCHAR)"
PLAIN = "STRUCT(family VARCHAR, plain VARCHAR)"
UNIT = "STRUCT(key VARCHAR, unit VARCHAR, shown VARCHAR, block VARCHAR)"
MEMBER = "STRUCT(key VARCHAR, unit VARCHAR)"
VARIANT = "STRUCT(unit VARCHAR, centre VARCHAR, is_one BOOLEAN)"


def _over_vectors(function: Callable[[Any], object], result: pa.DataType) -> Callable[[pa.ChunkedArray], pa.Array]:
    """Wrap a function of one value as a function of a column."""

    def over(column: pa.ChunkedArray) -> pa.Array:
        return pa.array(map(function, column.to_pylist()), result)

    return over


def _read_names(connection: duckdb.DuckDBPyConnection, names: str, decided: pa.Table) -> None:
    """Create ``_name``: each name with its family of classes.

    If one family has at least `DOMINANT_SHARE` of the mentions of the plain name, all its mentions get that family.
    Single-word names of people are unchanged. Names that occur only in an authority file are included, so that their
    spelling variants are merged too.
    """
    family = f"CASE WHEN entity_type IN ({', '.join(map(repr, PLACES))}) THEN '{PLACE}' ELSE entity_type END"
    plain = "plain_name({'entity_type': entity_type, 'name': name})"
    connection.register("_decided_rows", decided)
    connection.execute("CREATE OR REPLACE TEMP TABLE _decided AS FROM _decided_rows")
    connection.unregister("_decided_rows")
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE _name AS
        SELECT entity_id, name, {family} AS family, {plain} AS plain, n_mentions, n_articles, true AS is_printed,
               CASE WHEN entity_type = 'PERSON' THEN list_filter(
                   list_append(aliases, name), lambda printed: regexp_matches(printed, '{MIDDLE_INITIAL}')
               ) END AS initialled,
               CASE WHEN entity_type = 'ORG' THEN list_filter(
                   aliases, lambda printed: regexp_matches(printed, '{ACRONYM}')
               ) END AS acronyms
        FROM {names}
        UNION ALL
        SELECT entity_id, name, {family}, {plain}, 0, 0, false, NULL, NULL
        FROM _decided ANTI JOIN {names} USING (entity_id)
        """
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE _name AS
        WITH counted AS (
            SELECT lower(plain) AS word, family, sum(n_mentions) AS n
            FROM _name WHERE contains(plain, ' ') OR family != 'PERSON' GROUP BY ALL
        ), settled AS (
            SELECT word, max(struct_pack(n := n, family := family)).family AS family FROM counted GROUP BY word
            HAVING count(*) > 1 AND max(n) >= {DOMINANT_SHARE} * sum(n)
        )
        SELECT n.* REPLACE (coalesce(s.family, n.family) AS family)
        FROM _name AS n
        LEFT JOIN settled AS s ON s.word = CASE WHEN contains(n.plain, ' ') OR n.family != 'PERSON' THEN lower(n.plain) END
        """
    )


def _group(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``_unit``: each name with its unit, a group of names that share a data file entry or a key."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE _unit AS
        SELECT * EXCLUDE (u, plain), unnest(u)
        FROM (SELECT *, unit_of({'family': family, 'plain': plain}) AS u FROM _name)
        """
    )


def _unit(named: Mapping[str, str]) -> dict[str, str | None]:
    """Key, unit, canonical name from the data files if any, and block of similar names for names of several words."""
    family, plain = named["family"], named["plain"]
    key = _key(family, plain)
    block = f"{family}/{skeleton(key)}" if " " in key else None
    known = _known_organisation(plain) if family == "ORG" else find_known(plain)
    if known and (family_of(known.entity_type) == family or {known.entity_type, family} == {"NORP", "ORG"}):
        return {"key": key, "unit": f"{KNOWN}{family}/{known.name}", "shown": known.name, "block": block}
    return {"key": key, "unit": f"{family}/{key}", "shown": None, "block": block}


def _known_organisation(plain: str) -> Known | None:
    """The entity of an organisation's name in the data files. A party's may lack "Party" or be of its members ("Conservatives")."""
    known = find_known(plain)
    if known and known.entity_type != "NORP":
        return known
    return find_known(f"{known.name if known else plain} Party") or known


def _key(family: str, plain: str) -> str:
    """`etl.entities.name_keys.plain_key` of a name, with spelling variants of words replaced by a standard form."""
    key = plain_key("GPE" if family == PLACE else family, plain)
    if family == "ORG" and (short := FIRST_WORD_SHORT.match(key)):
        key = FIRST_WORD[short.group()] + key[short.end() :]
    table = spellings()
    return " ".join([table.get(word, word) for word in key.split()])


def _join_variants(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``_variant``: units that are spelling variants of a known or more frequent unit, or similar to one."""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE _variant AS
        WITH member AS (
            SELECT block, key, unit, sum(n_articles) AS articles, sum(n_mentions) AS mentions
            FROM _unit WHERE block IS NOT NULL GROUP BY block, key, unit
        ), blocks AS (
            SELECT list({{'key': key, 'unit': unit}} ORDER BY starts_with(unit, '{KNOWN}') DESC, articles DESC, mentions DESC, key)
                AS members
            FROM member SEMI JOIN (SELECT block FROM member GROUP BY block HAVING count(*) > 1) USING (block) GROUP BY block
        )
        SELECT unnest(variants_of(members), recursive := true) FROM blocks
        """
    )


def _join_acronyms(connection: duckdb.DuckDBPyConnection) -> None:
    """Merge an organisation's acronym with its full name, if articles use the acronym for no other name."""
    connection.execute(
        f"""
        INSERT INTO _variant
        WITH printed AS (
            SELECT lower(replace(acronym, '.', '')) AS key, root, sum(n_articles) AS n_articles
            FROM (
                SELECT unnest(u.acronyms) AS acronym, coalesce(v.centre, u.unit) AS root, n_articles
                FROM _unit AS u LEFT JOIN _variant AS v ON v.unit = u.unit AND v.is_one
                WHERE contains(u.key, ' ')
            )
            GROUP BY ALL
        ), sure AS (
            SELECT key, min(root) AS root FROM printed
            GROUP BY key HAVING count(*) = 1 AND sum(n_articles) >= {ACRONYM_MIN_ARTICLES}
        )
        SELECT DISTINCT u.unit, s.root, true
        FROM _unit AS u JOIN sure AS s USING (key) WHERE u.unit = 'ORG/' || key
        """
    )


def _variants(block: Sequence[Mapping[str, str]]) -> list[dict[str, str | bool]]:
    """Match each unit with the first earlier centre that is a variant (``is_one``), else similar. Known ones are centres."""
    found: list[dict[str, str | bool]] = []
    centres: list[tuple[list[str], Mapping[str, str]]] = []
    for member in block:
        parts = member["key"].split()
        rivals = [] if member["unit"].startswith(KNOWN) else centres
        centre = next((centre for words, centre in rivals if spell_one_name(words, parts)), None)
        alike = centre or next((centre for _, centre in rivals if _are_alike(centre["key"], member["key"])), None)
        if alike:
            found.append({"unit": member["unit"], "centre": alike["unit"], "is_one": centre is not None})
        if centre is None and len(centres) < MAX_CENTRES:
            centres.append((parts, member))
    return found


def _are_alike(key: str, other: str) -> bool:
    return Indel.normalized_similarity(key, other, score_cutoff=ALIKE_MIN_SIMILARITY) > 0


def _apply_authority(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``_root``: the group of each name. Names in an authority file define their own groups.

    If the authority files make only one decision about names in a group, it applies to the whole group.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE _root AS
        WITH rooted AS (
            SELECT u.*, coalesce(v.centre, u.unit) AS root, d.decision, d.shown AS decided, d.authority_id, d.is_of_name
            FROM _unit AS u LEFT JOIN _variant AS v ON v.unit = u.unit AND v.is_one
            LEFT JOIN _decided AS d USING (entity_id)
        ), shared AS (
            SELECT root, min(decision) AS decision, min(decided) AS decided, min(authority_id) AS authority_id
            FROM rooted WHERE is_of_name GROUP BY root HAVING count(DISTINCT decision) = 1
        )
        SELECT r.entity_id, r.name, r.family, r.key, r.unit, r.initialled, r.n_mentions, r.n_articles,
               coalesce(r.decision, s.decision, r.root) AS root,
               coalesce(r.decided, s.decided, r.shown) AS shown,
               CASE WHEN r.decision IS NULL THEN s.authority_id ELSE r.authority_id END AS authority_id,
               coalesce(r.decision, s.decision) IS NOT NULL AS is_decided
        FROM rooted AS r LEFT JOIN shared AS s USING (root) WHERE r.is_printed
        """
    )


def _name_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``entity_canonical``. A group's name comes from an authority or data file, else is its most frequent."""
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
    """Create ``entity_ambiguous``: names for manual review, with candidate entities and counts for both."""
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE {AMBIGUOUS} AS
        WITH named AS (
            SELECT r.* EXCLUDE (name, authority_id), c.* EXCLUDE (entity_id)
            FROM _root AS r JOIN {CANONICAL} AS c USING (entity_id)
        ), total AS (
            SELECT canonical_id, canonical_name AS name, authority_id, bool_or(is_decided) AS is_decided,
                   sum(n_articles)::BIGINT AS n_articles, sum(n_mentions)::BIGINT AS n_mentions,
                   list_sort(list_distinct(flatten(list(initialled)))) AS initialled
            FROM named GROUP BY ALL
        ), bearer AS (
            SELECT DISTINCT canonical_id, key, unit,
                   string_split(regexp_replace(key, '{GENERATION}', ''), ' ')[-1] AS family_name,
                   string_split(key, ' ')[1] || ' ' || string_split(key, ' ')[-1] AS without_middle
            FROM named WHERE family = 'PERSON' AND contains(key, ' ')
        ), alone AS (
            SELECT key AS family_name, min(struct_pack(a := -n_articles, id := canonical_id)).id AS alias_id
            FROM named WHERE family = 'PERSON' AND NOT contains(key, ' ') AND NOT is_decided GROUP BY key
        ), question AS (
            SELECT DISTINCT '{FAMILY_NAME_ALONE}' AS reason, 'PERSON' AS family, canonical_id, alias_id
            FROM alone JOIN bearer USING (family_name)
            UNION ALL
            SELECT '{TWO_PEOPLE}', 'PERSON', canonical_id, canonical_id
            FROM total WHERE NOT is_decided AND len(list_distinct(list_transform(
                initialled, lambda printed: regexp_extract(printed, '{MIDDLE_INITIAL}', 1)))) > 1
            UNION ALL
            SELECT DISTINCT '{SPELLED_ALIKE}', a.family, a.canonical_id, b.canonical_id
            FROM _variant AS v JOIN named AS a ON a.unit = v.centre JOIN named AS b ON b.unit = v.unit
            WHERE a.canonical_id != b.canonical_id AND NOT (a.is_decided AND b.is_decided)
            UNION
            SELECT '{SPELLED_ALIKE}', 'PERSON', a.canonical_id, b.canonical_id
            FROM bearer AS a JOIN bearer AS b ON a.key = b.without_middle AND a.key != b.key
            WHERE a.canonical_id != b.canonical_id
        )
        SELECT reason, CASE family WHEN '{PLACE}' THEN 'GPE' ELSE family END AS entity_type, canonical_id, t.name, alias_id,
               CASE reason WHEN '{TWO_PEOPLE}' THEN t.initialled ELSE [a.name] END AS aliases, t.authority_id,
               a.n_articles AS alias_n_articles, a.n_mentions AS alias_n_mentions,
               t.n_articles AS name_n_articles, t.n_mentions AS name_n_mentions
        FROM question AS q JOIN total AS t USING (canonical_id) JOIN total AS a ON a.canonical_id = q.alias_id
        QUALIFY row_number() OVER (
            PARTITION BY reason, alias_id ORDER BY t.n_articles DESC, t.n_mentions DESC, t.name, t.canonical_id
        ) <= {MAX_CANDIDATES}
        """
    )


def own_id(entity_type: str, name: str, authority_id: str | None) -> str:
    """The ``entity_id`` of an entity that others share the name of."""
    return entity_id(entity_type, f"{name} {authority_id or ''}")


def _identity(connection: duckdb.DuckDBPyConnection, row: Row) -> Canonical:
    """The entity of an authority file's row, found by identifier, or by name if it has none. A new entity if not found."""
    own = Canonical(own_id(row.entity_type, row.name, row.id), row.name, row.id)
    is_it = "authority_id = $id" if row.id else "list_contains($ids, entity_id)"
    given = {"id": row.id} if row.id else {"ids": sorted(entity_ids(row.entity_type, row.name))}
    found = connection.execute(
        f"SELECT canonical_id, canonical_name, authority_id FROM {CANONICAL} WHERE {is_it} ORDER BY canonical_id LIMIT 1",
        given,
    ).fetchone()
    return Canonical(*found) if found else own
