-- Every article is of a loaded file and has a row in article_group.
SELECT article_id, source_uri
FROM article
LEFT JOIN file USING (source_uri)
LEFT JOIN article_group USING (article_id)
WHERE file.status IS DISTINCT FROM 'loaded' OR article_group.article_id IS NULL
