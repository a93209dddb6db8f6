-- How do I cite the words? Who printed them, when, in which file and line (of the article's text: the file's, if that is one article).
SELECT speaker, said.text AS words, said.outlet, said.title, said.authors, said.published_on, said.url, said.source_uri, said.record_key,
    1 + length(article.text[:span_start]) - length(replace(article.text[:span_start], chr(10), '')) AS line
FROM said
JOIN article USING (article_id)
ORDER BY said.published_on DESC, said.source_uri, utterance_no
LIMIT 3
