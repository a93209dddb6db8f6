-- scope: part
-- A quote's text, cue and speaker are what article.text holds at their spans.
SELECT quote_id, quote.text, span_start, span_end
FROM quote
JOIN article USING (article_id)
WHERE NOT (0 <= span_start AND span_start < span_end)
    OR substring(article.text, span_start + 1, span_end - span_start) != quote.text
    OR substring(article.text, cue_start + 1, cue_end - cue_start) IS DISTINCT FROM cue
    OR substring(article.text, speaker_start + 1, speaker_end - speaker_start) IS DISTINCT FROM speaker
