-- Which people are quoted most, in quotation marks, and in how many articles?
SELECT speaker, count(*) AS utterances, count(DISTINCT article_id) AS articles
FROM said
WHERE speaker_type = 'person'
GROUP BY speaker, speaker_id
ORDER BY utterances DESC, speaker
LIMIT 8
