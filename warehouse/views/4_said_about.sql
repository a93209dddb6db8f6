-- One row: one utterance and one entity named in it. Who talked about whom.
CREATE OR REPLACE VIEW said_about AS
SELECT DISTINCT
    said.speaker,
    utterance_mention.about,
    utterance_mention.about_type,
    said.text,
    said.published_on,
    said.title,
    said.publisher,
    said.source_uri,
    said.confidence,
    said.speaker_id,
    utterance_mention.about_id,
    said.article_id,
    said.utterance_no
FROM said
JOIN utterance_mention USING (article_id, utterance_no)
WHERE utterance_mention.about_id IS DISTINCT FROM said.speaker_id;

COMMENT ON VIEW said_about IS 'one utterance and one entity named in it: who talked about whom, when, printed where';
