-- Every place among its like is an article's, and so is the article it stands behind.
SELECT article_group.article_id, duplicate_of
FROM article_group
LEFT JOIN article USING (article_id)
LEFT JOIN article AS first ON first.article_id = duplicate_of
WHERE article.article_id IS NULL OR (duplicate_of IS NOT NULL AND first.article_id IS NULL)
