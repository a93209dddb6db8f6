-- One row: one printing of a story that was printed more than once, by reprints and near copies. Who printed it, when, how altered?
-- similarity: the share of its runs of words that a printing has in common with the first, 1 for the same body; null for the first.
CREATE OR REPLACE VIEW story_article AS
SELECT
    article.published_on,
    article.published_at,
    article.outlet,
    article.title,
    article_group.similarity,
    article.published_on - first.published_on AS days_later,
    article.url,
    article.source_uri,
    article_group.story_id,
    article_id
FROM article_group
JOIN article USING (article_id)
JOIN article AS first ON first.article_id = article_group.story_id
SEMI JOIN (SELECT story_id FROM article_group WHERE story_id != article_id) AS copied USING (story_id);

COMMENT ON VIEW story_article IS 'one printing of a story that was printed more than once: by whom, when, how like the first';

-- One row: one story that was printed more than once. What was printed most widely, by whom first, and until when?
CREATE OR REPLACE VIEW story AS
SELECT
    arg_min(title, similarity IS NOT NULL) AS title,
    arg_min(outlet, similarity IS NOT NULL) AS first_outlet,
    min(published_on) AS first_on,
    max(published_on) AS last_on,
    count(*) AS articles,
    count(DISTINCT outlet) AS outlets,
    list_sort(list(DISTINCT outlet)) AS printed_by,
    min(similarity) AS least_similarity,
    story_id
FROM story_article
GROUP BY story_id;

COMMENT ON VIEW story IS 'one story that was printed more than once: its first printing, and how many outlets printed it until when';
