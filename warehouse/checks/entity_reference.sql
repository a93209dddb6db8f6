-- Every mention is of an entity, and every speaker is one.
WITH missing AS (
    SELECT entity_id
    FROM (SELECT entity_id FROM mention UNION SELECT speaker_entity_id FROM quote WHERE speaker_entity_id IS NOT NULL)
    ANTI JOIN entity USING (entity_id)
)
SELECT 'mention' AS row_of, mention_id AS row_id, entity_id FROM mention SEMI JOIN missing USING (entity_id)
UNION ALL
SELECT 'quote', quote_id, speaker_entity_id FROM quote SEMI JOIN missing ON missing.entity_id = quote.speaker_entity_id
