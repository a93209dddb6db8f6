-- scope: part
-- Every passage, quote and mention is of an article, and a quote starts in the passage it names.
SELECT 'passage' AS row_of, article_id, passage_no::VARCHAR AS row_id
FROM passage ANTI JOIN article USING (article_id)
UNION ALL
SELECT 'mention', article_id, mention_id
FROM mention ANTI JOIN article USING (article_id)
UNION ALL
SELECT 'quote', article_id, quote_id
FROM quote
LEFT JOIN article USING (article_id)
LEFT JOIN passage USING (article_id, passage_no)
WHERE article.article_id IS NULL OR passage.article_id IS NULL
    OR quote.span_start NOT BETWEEN passage.span_start AND passage.span_end - 1
