-- Every quote is of an article, starts in one of its passages, and its speaker, where there is one, is an entity.
SELECT quote_id, article_id, passage_no, speaker_entity_id
FROM quote
LEFT JOIN article USING (article_id)
LEFT JOIN passage USING (article_id, passage_no)
LEFT JOIN entity ON entity_id = speaker_entity_id
WHERE article.article_id IS NULL OR passage.article_id IS NULL
    OR quote.span_start NOT BETWEEN passage.span_start AND passage.span_end - 1
    OR (speaker_entity_id IS NOT NULL AND entity_id IS NULL)
