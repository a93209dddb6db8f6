-- In no source have the articles, quotes or mentions of the files that stayed (100 or more) halved since the last snapshot.
WITH kept AS (
    SELECT source_uri, split_part(source_uri, '/', 1) AS source, now.n_articles AS now, before.n_articles AS before
    FROM file AS now JOIN previous.file AS before USING (source_uri)
    WHERE now.status != 'removed' AND before.status != 'removed'
),
counted AS (
    SELECT source, 'articles' AS what, count(*) AS files, sum(now) AS now, sum(before) AS before FROM kept GROUP BY ALL
    UNION ALL
    SELECT source, 'quotes', count(*), sum(now.n), sum(before.n)
    FROM kept
    LEFT JOIN (SELECT source_uri, count(*) AS n FROM quote JOIN article USING (article_id) GROUP BY ALL) AS now USING (source_uri)
    LEFT JOIN (SELECT source_uri, count(*) AS n FROM previous.quote JOIN previous.article USING (article_id) GROUP BY ALL) AS before
        USING (source_uri)
    GROUP BY ALL
    UNION ALL
    SELECT source, 'mentions', count(*), sum(now.n), sum(before.n)
    FROM kept
    LEFT JOIN (SELECT source_uri, count(*) AS n FROM mention JOIN article USING (article_id) GROUP BY ALL) AS now USING (source_uri)
    LEFT JOIN (SELECT source_uri, count(*) AS n FROM previous.mention JOIN previous.article USING (article_id) GROUP BY ALL) AS before
        USING (source_uri)
    GROUP BY ALL
)
SELECT source, what, before, coalesce(now, 0) AS now FROM counted WHERE files >= 100 AND coalesce(now, 0) < before / 2
