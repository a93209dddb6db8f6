-- One row: one utterance of `said` and one entity named in it. Who talked about whom, in their own words?
CREATE OR REPLACE VIEW said_about AS
SELECT DISTINCT
    said.speaker,
    utterance_mention.about,
    utterance_mention.about_type,
    said.text,
    said.form,
    said.cue,
    said.cue_lemma,
    said.confidence,
    said.published_on,
    said.month,
    said.outlet,
    said.title,
    said.source_uri,
    said.speaker_id,
    utterance_mention.about_id,
    said.utterance_id,
    said.article_id,
    said.utterance_no
FROM said
JOIN utterance_mention USING (article_id, utterance_no)
WHERE utterance_mention.about_id IS DISTINCT FROM said.speaker_id;

COMMENT ON VIEW said_about IS 'one utterance in quotation marks and one entity named in it: who talked about whom, when, printed where';
