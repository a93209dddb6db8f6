-- Who names whom in their own words, in quotation marks?
SELECT speaker, about, count(*) AS utterances
FROM said_about
WHERE about_type IN ('PERSON', 'ORG')
GROUP BY speaker, speaker_id, about, about_id
ORDER BY utterances DESC, speaker, about
LIMIT 8
