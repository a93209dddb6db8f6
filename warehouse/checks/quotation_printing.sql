-- A quotation has the first printing and the printings that it says, and is of the one speaker whom they name.
WITH counted AS (
    SELECT quotation_id, count(*) AS n_utterances, count(DISTINCT copy.article_id) AS n_articles,
        bool_or(copy.utterance_id = quotation_id AND similarity = 1) AS has_first, min(speaker_id) AS least_id, max(speaker_id) AS most_id
    FROM quotation_copy AS copy JOIN utterance USING (article_id, utterance_no)
    GROUP BY quotation_id
)
SELECT quotation_id, quotation.n_utterances, counted.n_utterances AS n_counted, speaker_id, least_id, most_id
FROM quotation
FULL JOIN counted USING (quotation_id)
WHERE (quotation.n_utterances, quotation.n_articles, true) IS DISTINCT FROM (counted.n_utterances, counted.n_articles, has_first)
    OR speaker_id IS DISTINCT FROM least_id OR speaker_id IS DISTINCT FROM most_id
