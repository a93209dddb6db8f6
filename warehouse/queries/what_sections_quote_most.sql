-- Which of the outlets' own sections quote most to an article?
SELECT outlet, section, sum(articles)::BIGINT AS articles, round(sum(quoted) / sum(articles), 1) AS quoted_per_article
FROM section_month
GROUP BY ALL
ORDER BY quoted_per_article DESC, outlet, section
LIMIT 8
