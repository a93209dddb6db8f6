-- One row: one utterance of a named speaker, printed for the first time. What most questions start from.
CREATE OR REPLACE VIEW said AS
SELECT speaker, text, published_on, title, publisher, source_uri, speaker_type, confidence, speaker_id, article_id, utterance_no
FROM utterance
WHERE speaker IS NOT NULL AND NOT is_reprint;

COMMENT ON VIEW said IS 'one utterance of a named speaker, reprints left out: who said what, when, printed where';
