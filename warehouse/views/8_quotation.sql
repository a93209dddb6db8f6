-- One row: one printing of a quotation that more than one article prints. Where did somebody's words go, and how were they altered?
-- days_later: since the first printing. is_reprint: the article is a copy of an earlier one with these words.
CREATE OR REPLACE VIEW quotation_printing AS
SELECT
    quotation.speaker,
    quotation.text AS first_text,
    utterance.quoted_text,
    quotation_copy.similarity,
    utterance.outlet,
    utterance.published_on,
    utterance.published_on - quotation.published_on AS days_later,
    utterance.title,
    utterance.url,
    utterance.source_uri,
    utterance.is_reprint,
    quotation.speaker_id,
    quotation_id,
    utterance.utterance_id,
    utterance.article_id
FROM quotation
JOIN quotation_copy USING (quotation_id)
JOIN utterance ON utterance.article_id = quotation_copy.article_id AND utterance.utterance_no = quotation_copy.utterance_no
WHERE quotation.n_articles > 1;

COMMENT ON VIEW quotation_printing IS 'one printing of a quotation that more than one article prints: who printed it, when, and in which words';
