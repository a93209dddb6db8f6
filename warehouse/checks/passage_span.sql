-- scope: part
-- Passages lie within article.text, in order, and do not overlap.
SELECT article_id, passage_no, span_start, span_end
FROM passage
-- The length alone goes on: beside every passage, the texts of long articles would not fit in memory.
JOIN (SELECT article_id, length(text) AS n_letters FROM article) USING (article_id)
QUALIFY NOT (
    0 <= span_start AND span_start < span_end AND span_end <= n_letters
    AND coalesce(lag(span_end) OVER (PARTITION BY article_id ORDER BY passage_no) <= span_start, true)
)
