-- Articles a file, quotes an article and mentions an article have not halved since the last snapshot (of 100 files or more).
WITH counted AS (
    SELECT
        (SELECT count(*) FROM file WHERE status != 'removed') AS files,
        (SELECT count(*) FROM article) AS articles,
        (SELECT count(*) FROM quote) AS quotes,
        (SELECT count(*) FROM mention) AS mentions,
        (SELECT count(*) FROM previous.file WHERE status != 'removed') AS files_before,
        (SELECT count(*) FROM previous.article) AS articles_before,
        (SELECT count(*) FROM previous.quote) AS quotes_before,
        (SELECT count(*) FROM previous.mention) AS mentions_before
),
rated AS (
    SELECT files_before, unnest([
        {'rate': 'articles a file', 'before': articles_before / files_before, 'now': articles / files},
        {'rate': 'quotes an article', 'before': quotes_before / articles_before, 'now': quotes / articles},
        {'rate': 'mentions an article', 'before': mentions_before / articles_before, 'now': mentions / articles}
    ], recursive := true)
    FROM counted
)
SELECT rate, before, now
FROM rated
WHERE files_before >= 100 AND coalesce(now, 0) < before / 2
