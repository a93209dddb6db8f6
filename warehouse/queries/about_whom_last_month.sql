-- Who said what about whom in the last month? Of the newest day in the warehouse; take current_date for a month from today.
SELECT published_on, speaker, about, text, outlet, title, source_uri
FROM said_about
WHERE about_type IN ('PERSON', 'ORG') AND published_on > (SELECT max(published_on) FROM said) - INTERVAL 1 MONTH
ORDER BY published_on DESC, source_uri, utterance_no, about
LIMIT 8
