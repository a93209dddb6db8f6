-- An utterance names its speaker, and says whether it is a reprint, as entity, entity_exception and article_group do.
SELECT utterance.article_id, utterance_no, speaker, speaker_id
FROM utterance
LEFT JOIN article_group USING (article_id)
LEFT JOIN entity ON entity.entity_id = speaker_entity_id
LEFT JOIN entity_exception AS exception
    ON exception.article_id = utterance.article_id AND exception.entity_id = speaker_entity_id
WHERE speaker_id IS DISTINCT FROM coalesce(exception.canonical_id, entity.canonical_id)
    OR (speaker_id IS NOT NULL AND speaker IS DISTINCT FROM coalesce(exception.canonical_name, entity.canonical_name))
    OR (is_reprint AND story_id = article_group.article_id) OR (NOT is_reprint AND duplicate_of IS NOT NULL)
