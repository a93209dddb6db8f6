-- Who appears with whom?
SELECT name, other, count(*) AS articles, min(published_on) AS first, max(published_on) AS last
FROM appears_with
WHERE entity_type = 'PERSON' AND other_type = 'PERSON' AND name < other
GROUP BY name, canonical_id, other, other_id
ORDER BY articles DESC, name, other
LIMIT 8
