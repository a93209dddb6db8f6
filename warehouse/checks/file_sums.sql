-- A file has the articles and rejections that its row says; one that is rejected says why.
WITH counted AS (
    SELECT
        file.source_uri, status, n_articles, n_rejected, is_stale,
        (SELECT count(*) FROM article WHERE article.source_uri = file.source_uri) AS articles,
        (SELECT count(*) FROM rejection WHERE rejection.source_uri = file.source_uri) AS rejections
    FROM file
)
SELECT *
FROM counted
WHERE n_articles != articles
    OR (NOT is_stale AND n_rejected != rejections)
    OR (status = 'loaded' AND articles = 0)
    OR (status = 'rejected' AND (articles > 0 OR rejections = 0))
