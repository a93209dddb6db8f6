-- Every question is on entities that there are.
SELECT reason, canonical_id, alias_id
FROM entity_ambiguous
WHERE canonical_id NOT IN (SELECT canonical_id FROM entity) OR alias_id NOT IN (SELECT canonical_id FROM entity)
