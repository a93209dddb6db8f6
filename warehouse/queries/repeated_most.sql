-- Which words went round most? A story counts once, however many outlets print it.
SELECT speaker, text, published_on AS first_on, outlet AS first_outlet, n_stories, n_outlets, n_days, n_wordings
FROM quotation
WHERE n_articles > 1
ORDER BY n_stories DESC, n_outlets DESC, published_on, text
LIMIT 8
