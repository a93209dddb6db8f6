-- By what names do the most frequent people go?
SELECT who.name, who.n_articles AS articles, who.n_utterances AS utterances, who.first_seen, who.last_seen,
    string_agg(alias.alias || ' ' || alias.n_mentions, ', ' ORDER BY alias.n_mentions DESC, alias.alias) AS printed
FROM who
JOIN alias USING (canonical_id)
WHERE who.entity_type = 'PERSON'
GROUP BY ALL
ORDER BY articles DESC, who.name
LIMIT 8
