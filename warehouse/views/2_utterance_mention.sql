-- One row: one name inside somebody's words. Where quotations are nested, it belongs to the innermost.
CREATE OR REPLACE VIEW utterance_mention AS
SELECT
    quote.article_id,
    quote.utterance_no,
    mention.mention_id,
    mention.text,
    coalesce(entity_exception.canonical_id, entity.canonical_id) AS about_id,
    coalesce(entity_exception.canonical_name, entity.canonical_name) AS about,
    mention.entity_type AS about_type
FROM mention
JOIN quote
    ON quote.article_id = mention.article_id
    AND quote.span_start <= mention.span_start
    AND mention.span_end <= quote.span_end
JOIN entity ON entity.entity_id = mention.entity_id
LEFT JOIN entity_exception
    ON entity_exception.article_id = mention.article_id AND entity_exception.entity_id = mention.entity_id
QUALIFY row_number() OVER (PARTITION BY mention.mention_id ORDER BY quote.span_end - quote.span_start, quote.quote_id) = 1;

COMMENT ON VIEW utterance_mention IS 'one name inside somebody''s words; in nested quotations it belongs to the innermost';
