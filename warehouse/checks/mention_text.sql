-- A mention's text is what article.text holds at its span.
SELECT mention_id, mention.text, span_start, span_end
FROM mention
JOIN article USING (article_id)
WHERE substring(article.text, span_start + 1, span_end - span_start) != mention.text
