-- Every mention is of an entity, and every speaker is one.
SELECT 'mention' AS row_of, mention_id AS row_id, entity_id FROM mention ANTI JOIN entity USING (entity_id)
UNION ALL
SELECT 'quote', quote_id, speaker_entity_id
FROM quote ANTI JOIN entity ON entity.entity_id = quote.speaker_entity_id
WHERE speaker_entity_id IS NOT NULL
