-- When are the most frequent people in the news?
SELECT name, month, articles, n_mentions
FROM entity_month
WHERE entity_type = 'PERSON' AND canonical_id IN (SELECT canonical_id FROM person ORDER BY n_articles DESC, name LIMIT 3)
ORDER BY name, month
LIMIT 12
