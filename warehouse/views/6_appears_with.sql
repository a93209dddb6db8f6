-- One row: two entities named in one article, printed for the first time; each pair both ways round.
CREATE OR REPLACE VIEW appears_with AS
SELECT
    one.name,
    other.name AS other,
    one.entity_type,
    other.entity_type AS other_type,
    one.published_on,
    one.title,
    one.outlet,
    one.source_uri,
    one.canonical_id,
    other.canonical_id AS other_id,
    article_id
FROM appearance AS one
JOIN appearance AS other USING (article_id)
WHERE one.canonical_id != other.canonical_id AND NOT one.is_reprint;

COMMENT ON VIEW appears_with IS 'two entities named in one article, reprints left out; each pair both ways round';
