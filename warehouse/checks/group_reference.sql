-- Every row of article_group is of an article. A copy has its original's text, and a story has its first article's id.
SELECT article_group.article_id, article_group.duplicate_of, article_group.near_copy_of, article_group.story_id
FROM article_group
LEFT JOIN article USING (article_id)
LEFT JOIN article AS same ON same.article_id = article_group.duplicate_of
LEFT JOIN article_group AS first ON first.article_id = article_group.story_id
WHERE article.article_id IS NULL OR first.story_id IS DISTINCT FROM first.article_id
    OR (article_group.duplicate_of IS NOT NULL AND same.body_sha256 IS DISTINCT FROM article.body_sha256)
    OR article_group.near_copy_of != article_group.story_id
    OR (article_group.similarity IS NULL) != (article_group.article_id = article_group.story_id)
