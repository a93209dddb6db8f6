-- The latest words on record: who, what, when, and where they are printed.
SELECT published_on, speaker, text, source_uri
FROM said
WHERE published_on IS NOT NULL
ORDER BY published_on DESC, source_uri, utterance_no
LIMIT 5
