-- scope: part
-- A quotation is of the article of its first printing; if that is the only one, it is of the same speaker.
SELECT quotation_id, quotation.article_id, quotation.n_articles, quotation.speaker_id, utterance.speaker_id AS printed_id
FROM quotation
FULL JOIN (FROM quotation_copy WHERE utterance_id = quotation_id) AS copy USING (quotation_id)
LEFT JOIN utterance ON utterance.article_id = copy.article_id AND utterance.utterance_no = copy.utterance_no
WHERE quotation.article_id IS DISTINCT FROM copy.article_id OR similarity != 1
    OR (n_utterances = 1 AND (n_articles, quotation.speaker_id) IS DISTINCT FROM (1, utterance.speaker_id))
