-- One row: one person, with the pronouns that articles use for them when they speak. Who are the people, and are they he or she?
-- gender: what an authority file states; else man or woman where articles say he or she at least twice and four times in five;
-- else unknown. gender_from tells which. Only speakers whom an article calls by a pronoun are counted, so most people who hardly
-- speak are unknown; n_he, n_she and n_they are the evidence.
CREATE OR REPLACE VIEW person AS
WITH pronoun AS (
    SELECT
        coalesce(entity_exception.canonical_id, entity.canonical_id) AS canonical_id,
        count(*) FILTER (lower(mention.text) IN ('he', 'him', 'his')) AS n_he,
        count(*) FILTER (lower(mention.text) IN ('she', 'her', 'hers')) AS n_she,
        count(*) FILTER (lower(mention.text) IN ('they', 'them', 'their')) AS n_they
    FROM mention
    JOIN article_group USING (article_id)
    JOIN entity USING (entity_id)
    LEFT JOIN entity_exception USING (article_id, entity_id)
    WHERE mention.via = 'pronoun' AND article_group.story_id = article_id
    GROUP BY ALL
),
called AS (
    SELECT *, CASE
        WHEN n_he >= 2 AND n_he >= 0.8 * (n_he + n_she) THEN 'man'
        WHEN n_she >= 2 AND n_she >= 0.8 * (n_he + n_she) THEN 'woman'
    END AS gender
    FROM pronoun
)
SELECT
    who.name,
    coalesce(entity_decision.gender, called.gender, 'unknown') AS gender,
    CASE WHEN entity_decision.gender IS NOT NULL THEN 'authority' WHEN called.gender IS NOT NULL THEN 'pronouns' END AS gender_from,
    coalesce(n_he, 0) AS n_he,
    coalesce(n_she, 0) AS n_she,
    coalesce(n_they, 0) AS n_they,
    who.n_articles,
    who.n_mentions,
    who.n_utterances,
    who.first_seen,
    who.last_seen,
    who.authority_id,
    who.canonical_id
FROM who
LEFT JOIN called USING (canonical_id)
LEFT JOIN entity_decision USING (canonical_id)
WHERE who.entity_type = 'PERSON';

COMMENT ON VIEW person IS 'one person, how often in the news, and the pronouns articles use for them: gender, with its evidence';

-- One row: one outlet in one month. How much does it print, quote and report, and whose voices are they?
-- Of the utterances (reprints and what was not said left out): quoted or mixed, reported; and by whom: women, men, named persons of
-- whom neither is known, organisations and groups, persons who are not named. The rest are documents, and speakers that were not
-- found.
CREATE OR REPLACE VIEW outlet_month AS
WITH printed AS (
    SELECT outlet, date_trunc('month', published_on)::DATE AS month, count(*) AS articles
    FROM article
    GROUP BY ALL
),
spoken AS (
    SELECT
        outlet,
        month,
        count(*) AS utterances,
        count(*) FILTER (form != 'reported') AS quoted,
        count(*) FILTER (form = 'reported') AS reported,
        count(*) FILTER (gender = 'woman') AS by_women,
        count(*) FILTER (gender = 'man') AS by_men,
        count(*) FILTER (speaker_type = 'person' AND coalesce(gender, 'unknown') NOT IN ('woman', 'man')) AS by_persons_unknown,
        count(*) FILTER (speaker_type IN ('organisation', 'group')) AS by_organisations,
        count(*) FILTER (speaker_type = 'anonymous') AS anonymous
    FROM utterance
    LEFT JOIN person ON person.canonical_id = utterance.speaker_id
    WHERE NOT is_reprint AND NOT is_unsaid
    GROUP BY ALL
)
SELECT printed.outlet, printed.month, articles, COLUMNS(spoken.* EXCLUDE (outlet, month))
FROM printed
LEFT JOIN spoken ON spoken.outlet = printed.outlet AND spoken.month IS NOT DISTINCT FROM printed.month;

COMMENT ON VIEW outlet_month IS 'one outlet in one month: articles, utterances quoted and reported, and whose they are: women, men, organisations, anonymous';

-- One row: one speaker in one month. Who speaks when, and how much of it is in quotation marks?
CREATE OR REPLACE VIEW speaker_month AS
SELECT speaker, speaker_id, month, count(*) AS utterances, count(*) FILTER (form != 'reported') AS quoted,
    count(DISTINCT article_id) AS articles, count(DISTINCT outlet) AS outlets
FROM utterance
WHERE speaker_id IS NOT NULL AND NOT is_reprint AND NOT is_unsaid
GROUP BY ALL;

COMMENT ON VIEW speaker_month IS 'one speaker in one month: utterances, those in quotation marks, articles and outlets; reprints and what was not said left out';

-- One row: one speaker, one entity named in their quoted words, and one verb. Who talks about whom, and with which verbs?
CREATE OR REPLACE VIEW talk AS
SELECT speaker, about, about_type, cue_lemma, count(*) AS utterances, min(published_on) AS first_said,
    max(published_on) AS last_said, speaker_id, about_id
FROM said_about
GROUP BY ALL;

COMMENT ON VIEW talk IS 'one speaker, one entity named in their quoted words, one verb: how often, first and last';

-- One row: one entity in one month. When is somebody or something in the news?
CREATE OR REPLACE VIEW entity_month AS
SELECT name, entity_type, date_trunc('month', published_on)::DATE AS month, count(*) AS articles,
    sum(n_mentions)::BIGINT AS n_mentions, count(DISTINCT outlet) AS outlets, canonical_id
FROM appearance
WHERE NOT is_reprint
GROUP BY ALL;

COMMENT ON VIEW entity_month IS 'one entity in one month: articles, mentions and outlets; reprints left out';

-- One row: one entity named in one headline. Who makes the headlines?
CREATE OR REPLACE VIEW headline_name AS
SELECT
    coalesce(entity_exception.canonical_name, entity.canonical_name) AS name,
    mention.entity_type,
    article.title,
    article.published_on,
    article.outlet,
    article.source_uri,
    coalesce(entity_exception.canonical_id, entity.canonical_id) AS canonical_id,
    article_id
FROM mention
JOIN passage USING (article_id)
JOIN article USING (article_id)
JOIN article_group USING (article_id)
JOIN entity USING (entity_id)
LEFT JOIN entity_exception USING (article_id, entity_id)
WHERE passage.kind = 'headline' AND article_group.story_id = article_id
    AND passage.span_start <= mention.span_start AND mention.span_end <= passage.span_end
GROUP BY ALL;

COMMENT ON VIEW headline_name IS 'one entity named in one headline, reprints left out';

-- One row: one article that prints one name of which it is not sure whom it means. Which articles should a person look at?
CREATE OR REPLACE VIEW ambiguous_article AS
SELECT entity_ambiguous.reason, mention.text AS printed, entity_ambiguous.name AS may_be, count(*) AS n_mentions,
    article.title, article.published_on, article.outlet, article.source_uri, article_id
FROM entity_ambiguous
JOIN entity ON entity.canonical_id = entity_ambiguous.alias_id
JOIN mention USING (entity_id)
JOIN article USING (article_id)
WHERE mention.via = 'named'
GROUP BY ALL;

COMMENT ON VIEW ambiguous_article IS 'one article that prints a name which may mean this entity or another: for a person to look at';
