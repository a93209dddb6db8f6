-- The latest words in quotation marks: who, what, when, and where they are printed.
SELECT published_on, speaker, quoted_text, outlet, source_uri
FROM said
WHERE published_on IS NOT NULL
ORDER BY published_on DESC, source_uri, utterance_no
LIMIT 5
