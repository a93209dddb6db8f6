-- Every mention is of an entity, every speaker is one, and every entity's canonical one is there.
SELECT 'mention' AS row_of, mention_id AS row_id, entity_id FROM mention ANTI JOIN entity USING (entity_id)
UNION ALL
SELECT 'quote', quote_id, speaker_entity_id
FROM quote ANTI JOIN entity ON entity.entity_id = quote.speaker_entity_id
WHERE speaker_entity_id IS NOT NULL
UNION ALL
SELECT 'entity', entity_id, canonical_id
FROM entity ANTI JOIN entity AS canonical ON canonical.entity_id = entity.canonical_id
