-- Who is quoted most, in quotation marks, and in how many articles?
SELECT speaker, count(*) AS utterances, count(DISTINCT article_id) AS articles
FROM said
GROUP BY speaker, speaker_id
ORDER BY utterances DESC, speaker
LIMIT 8
