-- With which verbs do people talk about others?
SELECT speaker, about, string_agg(cue_lemma || ' ' || utterances, ', ' ORDER BY utterances DESC, cue_lemma) AS verbs
FROM talk
WHERE about_type = 'PERSON'
GROUP BY speaker, speaker_id, about, about_id
ORDER BY sum(utterances) DESC, speaker, about
LIMIT 8
