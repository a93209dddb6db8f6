-- scope: part
-- A quotation's printing is an utterance in quotation marks that was said, of the day that it says.
SELECT quotation_copy.utterance_id, quotation_id
FROM quotation_copy
LEFT JOIN utterance USING (article_id, utterance_no)
WHERE quotation_copy.utterance_id IS DISTINCT FROM utterance.utterance_id OR form = 'reported' OR is_unsaid
    OR quotation_copy.published_on IS DISTINCT FROM utterance.published_on
