-- A quotation with several printings has those that it says, and is of the one speaker whom they name.
-- To the many with one printing, quotation_first looks.
WITH several AS (
    SELECT quotation_id FROM quotation_copy WHERE utterance_id != quotation_id
    UNION SELECT quotation_id FROM quotation WHERE n_utterances != 1
),
counted AS (
    SELECT quotation_id, count(*) AS n_utterances, count(DISTINCT copy.article_id) AS n_articles,
        min(speaker_id) AS least_id, max(speaker_id) AS most_id
    FROM quotation_copy AS copy SEMI JOIN several USING (quotation_id) JOIN utterance USING (article_id, utterance_no)
    GROUP BY quotation_id
)
SELECT quotation_id, quotation.n_utterances, counted.n_utterances AS n_counted, speaker_id, least_id, most_id
FROM several
LEFT JOIN quotation USING (quotation_id)
LEFT JOIN counted USING (quotation_id)
WHERE (quotation.n_utterances, quotation.n_articles) IS DISTINCT FROM (counted.n_utterances, counted.n_articles)
    OR speaker_id IS DISTINCT FROM least_id OR speaker_id IS DISTINCT FROM most_id
