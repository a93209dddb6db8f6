-- Every exception is of a name that its article mentions, and says otherwise than the name's row.
SELECT entity_exception.article_id, entity_exception.entity_id, entity_exception.canonical_id
FROM entity_exception
LEFT JOIN entity USING (entity_id)
WHERE entity.canonical_id IS NOT DISTINCT FROM entity_exception.canonical_id
    OR NOT EXISTS (
        FROM mention
        WHERE mention.article_id = entity_exception.article_id AND mention.entity_id = entity_exception.entity_id
    )
