-- Every name belongs to an entity that belongs to itself, by one name and one identifier.
SELECT entity.entity_id, entity.canonical_id, entity.canonical_name
FROM entity
LEFT JOIN entity AS canonical ON canonical.entity_id = entity.canonical_id
WHERE canonical.canonical_id IS DISTINCT FROM entity.canonical_id
    OR canonical.canonical_name IS DISTINCT FROM entity.canonical_name
    OR canonical.authority_id IS DISTINCT FROM entity.authority_id
