-- One row: one utterance of a named speaker in quotation marks, all of it or in part, printed for the first time.
-- What most questions start from: who said what, in their own words? What the text says was not said is left out.
CREATE OR REPLACE VIEW said AS
SELECT * EXCLUDE (speaker_entity_id, is_reprint, is_unsaid)
FROM utterance
WHERE form != 'reported' AND speaker IS NOT NULL AND NOT is_reprint AND NOT is_unsaid;

COMMENT ON VIEW said IS 'one utterance of a named speaker in quotation marks (form: quoted or mixed), reprints and what was not said left out: who said what, when, printed where';

-- One row: one utterance of a named speaker that is reported without quotation marks, printed for the first time.
-- What is somebody reported to have said, in the article's words?
CREATE OR REPLACE VIEW reported AS
SELECT * EXCLUDE (speaker_entity_id, is_reprint, is_unsaid)
FROM utterance
WHERE form = 'reported' AND speaker IS NOT NULL AND NOT is_reprint AND NOT is_unsaid;

COMMENT ON VIEW reported IS 'one utterance of a named speaker that is reported without quotation marks, reprints and what was not said left out';
