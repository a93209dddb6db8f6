-- scope: part
-- Passages lie within article.text, in order, and do not overlap.
SELECT article_id, passage_no, span_start, span_end
FROM passage
JOIN article USING (article_id)
QUALIFY NOT (
    0 <= span_start AND span_start < span_end AND span_end <= length(text)
    AND coalesce(lag(span_end) OVER (PARTITION BY article_id ORDER BY passage_no) <= span_start, true)
)
