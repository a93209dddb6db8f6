-- scope: part
-- A stretch of text that is both a mention and a quote's speaker stands for one entity.
SELECT quote_id, speaker, speaker_entity_id, mention.entity_id
FROM quote
JOIN mention ON mention.article_id = quote.article_id
    AND mention.span_start = quote.speaker_start AND mention.span_end = quote.speaker_end
WHERE mention.entity_id != quote.speaker_entity_id
