-- Whom does each outlet quote: women, men, organisations, or nobody by name? Authority files and pronouns decide; see the view person.
SELECT outlet, sum(utterances) AS utterances, sum(by_women) AS by_women, sum(by_men) AS by_men,
    sum(by_persons_unknown) AS by_persons_unknown, sum(by_organisations) AS by_organisations, sum(anonymous) AS anonymous
FROM outlet_month
GROUP BY outlet
ORDER BY utterances DESC, outlet
LIMIT 8
