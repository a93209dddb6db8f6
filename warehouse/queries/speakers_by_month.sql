-- Which people are quoted most in each month?
SELECT month, speaker, quoted, articles
FROM speaker_month
WHERE quoted > 0 AND speaker_id IN (SELECT canonical_id FROM person)
QUALIFY row_number() OVER (PARTITION BY month ORDER BY quoted DESC, speaker) <= 3
ORDER BY month, quoted DESC, speaker
LIMIT 12
