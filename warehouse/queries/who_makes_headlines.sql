-- Who makes the headlines?
SELECT name, count(DISTINCT article_id) AS headlines, min(published_on) AS first, max(published_on) AS last
FROM headline_name
WHERE entity_type = 'PERSON'
GROUP BY name, canonical_id
ORDER BY headlines DESC, name
LIMIT 8
