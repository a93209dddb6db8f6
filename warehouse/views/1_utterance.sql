-- One row: one utterance, its stretches joined, with the article it is printed in and the speaker's canonical name.
CREATE OR REPLACE VIEW utterance AS
-- A stretch inside another of the same utterance ("he said it was "a mess"") is not repeated in its text.
WITH outermost AS (
    SELECT *
    FROM quote
    QUALIFY NOT coalesce(
        max(span_end) OVER (
            PARTITION BY article_id, utterance_no ORDER BY span_start, span_end DESC, quote_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) >= span_end,
        false
    )
),
joined AS (
    SELECT
        article_id,
        utterance_no,
        string_agg(text, ' … ' ORDER BY span_start) AS text,
        list(DISTINCT kind ORDER BY kind) AS kinds,
        min(span_start) AS span_start,
        max(span_end) AS span_end,
        first(cue ORDER BY span_start, span_end DESC, quote_id) AS cue,
        first(speaker ORDER BY span_start, span_end DESC, quote_id) AS speaker_as_printed,
        first(speaker_name ORDER BY span_start, span_end DESC, quote_id) AS speaker_name,
        first(speaker_type ORDER BY span_start, span_end DESC, quote_id) AS speaker_type,
        first(speaker_entity_id ORDER BY span_start, span_end DESC, quote_id) AS speaker_entity_id,
        min(confidence) AS confidence
    FROM outermost
    GROUP BY article_id, utterance_no
)
SELECT
    joined.*,
    coalesce(entity_exception.canonical_name, entity.canonical_name, joined.speaker_name) AS speaker,
    coalesce(entity_exception.canonical_id, entity.canonical_id) AS speaker_id,
    article.published_on,
    article.title,
    article.publisher,
    article.source_uri,
    article_group.duplicate_of IS NOT NULL AS is_reprint
FROM joined
JOIN article USING (article_id)
JOIN article_group USING (article_id)
LEFT JOIN entity ON entity.entity_id = joined.speaker_entity_id
LEFT JOIN entity_exception
    ON entity_exception.article_id = joined.article_id AND entity_exception.entity_id = joined.speaker_entity_id;

COMMENT ON VIEW utterance IS 'one utterance: who said what, when, and where it was printed; leave out is_reprint to count a body once';
