-- One row: one way an entity's name is printed, and how often, a story once.
CREATE OR REPLACE VIEW alias AS
SELECT
    coalesce(entity_exception.canonical_name, entity.canonical_name) AS name,
    trim(regexp_replace(mention.text, '[\s\p{Z}]+', ' ', 'g')) AS alias,  -- on one line, as entity.aliases are
    mode(mention.entity_type ORDER BY mention.entity_type) AS entity_type,  -- the most frequent: the model may class one name as several
    count(*) AS n_mentions,
    count(DISTINCT article_id) AS n_articles,
    coalesce(entity_exception.canonical_id, entity.canonical_id) AS canonical_id
FROM mention
JOIN article_group USING (article_id)
JOIN entity USING (entity_id)
LEFT JOIN entity_exception USING (article_id, entity_id)
WHERE mention.via = 'named' AND article_group.story_id = article_id
GROUP BY ALL;

COMMENT ON VIEW alias IS 'one way an entity''s name is printed, in how many articles and how often, reprints left out';
