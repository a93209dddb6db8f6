-- Whom does each outlet quote: women, men, or nobody by name? Pronouns decide; see the view person.
SELECT outlet, sum(utterances) AS utterances, sum(by_women) AS by_women, sum(by_men) AS by_men,
    sum(by_persons_unknown) AS by_persons_unknown, sum(unnamed) AS unnamed
FROM outlet_month
GROUP BY outlet
ORDER BY utterances DESC, outlet
LIMIT 8
