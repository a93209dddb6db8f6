-- scope: part
-- A day of publication is in a plausible year, and is the same in every table.
SELECT article_id, article.published_on
FROM article
LEFT JOIN (
    SELECT article_id, published_on FROM quote
    UNION SELECT article_id, published_on FROM mention
    UNION SELECT article_id, published_on FROM passage
) AS found USING (article_id)
WHERE article.published_on NOT BETWEEN DATE '1400-01-01' AND DATE '2999-12-31'
    OR (found.article_id IS NOT NULL AND found.published_on IS DISTINCT FROM article.published_on)
