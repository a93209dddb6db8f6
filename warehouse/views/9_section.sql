-- One row: one section of one outlet in one month, as the outlet names its sections. What is printed there, and how much is quoted?
-- An article filed in two sections counts in both; a story counts once.
CREATE OR REPLACE VIEW section_month AS
WITH filed AS (
    SELECT outlet, unnest(sections) AS section, date_trunc('month', published_on)::DATE AS month, article_id
    FROM article
    JOIN article_group USING (article_id)
    WHERE story_id = article_id
),
spoken AS (
    SELECT article_id, count(*) AS utterances, count(*) FILTER (form != 'reported') AS quoted
    FROM utterance
    WHERE NOT is_unsaid
    GROUP BY ALL
)
SELECT
    outlet,
    section,
    month,
    count(*) AS articles,
    coalesce(sum(utterances), 0)::BIGINT AS utterances,
    coalesce(sum(quoted), 0)::BIGINT AS quoted
FROM filed
LEFT JOIN spoken USING (article_id)
GROUP BY ALL;

COMMENT ON VIEW section_month IS 'one section of one outlet in one month, as the outlet names it: articles and utterances, a story once, without what was not said';
