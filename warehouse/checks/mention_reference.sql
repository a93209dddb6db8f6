-- Every mention is of an article and of an entity.
SELECT mention_id, article_id, entity_id
FROM mention
LEFT JOIN article USING (article_id)
LEFT JOIN entity USING (entity_id)
WHERE article.article_id IS NULL OR entity.entity_id IS NULL
