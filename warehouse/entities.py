"""The entities of a warehouse: a listing, and the names of which a person should decide whether they are one entity."""

from pathlib import Path

import pyarrow as pa

from warehouse.reader import connect

#: A form that is printed of things of several types is one form.
LISTING = """
WITH printed AS (SELECT canonical_id, alias, sum(n_mentions)::BIGINT AS n FROM alias GROUP BY ALL)
SELECT who.name, who.entity_type AS type, who.n_articles AS articles, who.n_mentions AS mentions, who.n_utterances AS utterances,
    who.authority_id AS id,
    string_agg(printed.alias || ' ' || printed.n, ', ' ORDER BY printed.n DESC, printed.alias) AS printed
FROM who
LEFT JOIN printed USING (canonical_id)
WHERE $name = '' OR canonical_id IN (
    SELECT canonical_id FROM alias WHERE contains(lower(name), lower($name)) OR contains(lower(alias), lower($name))
)
GROUP BY ALL
ORDER BY articles DESC, mentions DESC, who.name, type
LIMIT $limit
"""

#: In the shape of an authority file (`etl.entities.authority`).
QUESTIONS = """
SELECT name, array_to_string(aliases, '|') AS aliases, entity_type AS type, authority_id AS id, '' AS publisher, '' AS source,
    '' AS record_key, '' AS published_from, '' AS published_to, reason, alias_n_articles, alias_n_mentions,
    name_n_articles, name_n_mentions
FROM entity_ambiguous
ORDER BY alias_n_articles DESC, alias_n_mentions DESC, aliases, alias_id, name_n_articles DESC, name_n_mentions DESC, name, reason
"""


def listing(root: Path, name: str = "", limit: int = 50) -> pa.Table:
    """The entities with a name that contains ``name``, each with all its names, the most frequent first.

    Raises:
        NothingPublishedError: when nothing was published yet.
    """
    with connect(root) as connection:
        return connection.execute(LISTING, {"name": name, "limit": limit}).to_arrow_table()


def questions(root: Path) -> pa.Table:
    """What a person should decide, the most frequent names first.

    A row says that the names in ``aliases`` may be the entity in ``name``; what is decided stays, the other rows go.

    Raises:
        NothingPublishedError: when nothing was published yet.
    """
    with connect(root) as connection:
        return connection.execute(QUESTIONS).to_arrow_table()
