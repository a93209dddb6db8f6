-- Which stories were printed most widely?
SELECT title, first_outlet, first_on, last_on, articles, outlets, printed_by
FROM story
ORDER BY outlets DESC, articles DESC, first_on, title
LIMIT 8
