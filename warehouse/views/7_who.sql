-- One row: one entity under all its names, and what it counts to, a story once.
CREATE OR REPLACE VIEW who AS
WITH spoken AS (
    SELECT speaker_id AS canonical_id, count(*) AS n_utterances
    FROM utterance
    WHERE NOT is_reprint
    GROUP BY speaker_id
)
SELECT
    name,
    entity_type,
    count(*) FILTER (WHERE NOT is_reprint) AS n_articles,
    coalesce(sum(n_mentions) FILTER (WHERE NOT is_reprint), 0)::BIGINT AS n_mentions,
    coalesce(any_value(n_utterances), 0) AS n_utterances,
    min(published_on) AS first_seen,
    max(published_on) AS last_seen,
    authority_id,
    canonical_id
FROM appearance
LEFT JOIN spoken USING (canonical_id)
GROUP BY name, entity_type, authority_id, canonical_id;

COMMENT ON VIEW who IS 'one entity under all its names: in how many articles, how often it is named and speaks, when first and last seen';
