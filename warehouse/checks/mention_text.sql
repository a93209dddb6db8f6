-- scope: part
-- A mention's text is what article.text holds at its span.
SELECT mention_id, mention.text, span_start, span_end
FROM mention
JOIN article USING (article_id)
WHERE NOT (0 <= span_start AND span_start < span_end)
    OR substring(article.text, span_start + 1, span_end - span_start) != mention.text
