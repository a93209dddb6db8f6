-- Every exception is of a name that its article mentions, and differs from the name's row.
SELECT entity_exception.article_id, entity_exception.entity_id, entity_exception.canonical_id
FROM entity_exception
LEFT JOIN entity USING (entity_id)
-- Few names are exceptions: of the mentions, only theirs are looked at.
LEFT JOIN (
    SELECT DISTINCT article_id, entity_id FROM mention SEMI JOIN entity_exception USING (article_id, entity_id)
) AS mentioned ON mentioned.article_id = entity_exception.article_id AND mentioned.entity_id = entity_exception.entity_id
WHERE entity.canonical_id IS NOT DISTINCT FROM entity_exception.canonical_id OR mentioned.entity_id IS NULL
