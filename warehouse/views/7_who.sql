-- One row: one entity under all its names, and what it counts to, a story once. A speaker whom only a correction names is in no
-- article: seen never, and named nowhere.
CREATE OR REPLACE VIEW who AS
WITH spoken AS (
    SELECT speaker_id AS canonical_id, count(*) FILTER (WHERE NOT is_reprint AND NOT is_unsaid) AS n_utterances
    FROM utterance
    GROUP BY speaker_id
),
seen AS (
    SELECT
        name,
        entity_type,
        count(*) FILTER (WHERE NOT is_reprint) AS n_articles,
        coalesce(sum(n_mentions) FILTER (WHERE NOT is_reprint), 0)::BIGINT AS n_mentions,
        min(published_on) AS first_seen,
        max(published_on) AS last_seen,
        authority_id,
        canonical_id
    FROM appearance
    GROUP BY name, entity_type, authority_id, canonical_id
),
unseen AS (
    SELECT canonical_name AS name, min(entity_type) AS entity_type, authority_id, canonical_id
    FROM entity
    SEMI JOIN spoken USING (canonical_id)
    ANTI JOIN seen USING (canonical_id)
    GROUP BY canonical_name, authority_id, canonical_id
)
SELECT
    name,
    entity_type,
    coalesce(n_articles, 0) AS n_articles,
    coalesce(n_mentions, 0) AS n_mentions,
    coalesce(n_utterances, 0) AS n_utterances,
    first_seen,
    last_seen,
    authority_id,
    canonical_id
FROM (FROM seen UNION ALL BY NAME FROM unseen)
LEFT JOIN spoken USING (canonical_id);

COMMENT ON VIEW who IS 'one entity under all its names: in how many articles, how often it is named and speaks, when first and last seen';
