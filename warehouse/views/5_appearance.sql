-- One row: one entity in one article, whatever names it goes by there.
CREATE OR REPLACE VIEW appearance AS
WITH named AS (
    SELECT article_id, entity_id, min(entity_type) AS entity_type, count(*) AS n_mentions
    FROM mention
    GROUP BY article_id, entity_id
)
SELECT
    coalesce(entity_exception.canonical_name, entity.canonical_name) AS name,
    coalesce(entity_exception.canonical_id, entity.canonical_id) AS canonical_id,
    coalesce(any_value(entity_decision.entity_type), any_value(canonical.entity_type), min(named.entity_type)) AS entity_type,
    coalesce(entity_exception.authority_id, entity.authority_id) AS authority_id,
    sum(named.n_mentions)::BIGINT AS n_mentions,
    article_id,
    article.published_on,
    article.title,
    article.outlet,
    article.source_uri,
    article_group.story_id != article_id AS is_reprint
FROM named
JOIN article USING (article_id)
JOIN article_group USING (article_id)
JOIN entity USING (entity_id)
LEFT JOIN entity_exception USING (article_id, entity_id)
LEFT JOIN entity_decision ON entity_decision.canonical_id = coalesce(entity_exception.canonical_id, entity.canonical_id)
LEFT JOIN entity AS canonical ON canonical.entity_id = coalesce(entity_exception.canonical_id, entity.canonical_id)
GROUP BY ALL;

COMMENT ON VIEW appearance IS 'one entity in one article, whatever names it goes by there; leave out is_reprint to count a story once';
