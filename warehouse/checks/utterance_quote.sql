-- scope: part
-- Every quote is in an utterance and every utterance has quotes, with the span, the day and the speaker that they have. It is
-- unsaid if one of them is.
WITH spoken AS (
    SELECT article_id, utterance_no, min(span_start) AS span_start, max(span_end) AS span_end,
        min(published_on) AS published_on, bool_or(is_unsaid) AS is_unsaid,
        arg_min(quote_id, (span_start, -span_end, quote_id)) AS utterance_id
    FROM quote
    GROUP BY ALL
)
SELECT article_id, utterance_no
FROM spoken
FULL JOIN utterance USING (article_id, utterance_no)
LEFT JOIN quote ON quote.quote_id = utterance.utterance_id
WHERE (spoken.span_start, spoken.span_end, spoken.published_on, spoken.is_unsaid, spoken.utterance_id, quote.speaker_entity_id)
    IS DISTINCT FROM (
        utterance.span_start, utterance.span_end, utterance.published_on, utterance.is_unsaid, utterance.utterance_id,
        utterance.speaker_entity_id
    )
