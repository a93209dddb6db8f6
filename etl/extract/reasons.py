"""Explain the speaker of each quote of a published article, for `ontherecord show --why`.

The warehouse stores results but not scores, so the stages are run again on the stored text and passages.
"""

from collections.abc import Iterable, Iterator, Mapping

from etl.entities.mentions import find_mentions
from etl.extract.versions import extractor_version
from etl.model.annotate import Annotator
from etl.page.parse import Page, Passage
from etl.quotes.find import Rule, Why, explain
from etl.schema import CORRECTION_VIA

#: A row of a table, by column names.
Row = Mapping[str, object]

RULES: Mapping[Rule, str] = {
    Rule.SCORE: "the best of the candidates",
    Rule.CHAIN: "the speech goes on over several paragraphs",
    Rule.LABEL: "the label of a transcript",
    Rule.LINK: "the source that the encoder links the words to",
    Rule.SUBJECT: "the subject of the cue",
}
NO_SPEAKER = "no speaker found"


def reasons(article: Row, passages: Iterable[Row], quotes: Iterable[Row], model: str) -> dict[str, list[str]]:
    """The lines that explain each quote of a published article, by quote id."""
    page = _page(article, passages)
    (annotation,) = Annotator(model)([page])
    whys = {
        (w.quote.start, w.quote.end, w.quote.kind): w
        for w in explain(page, annotation, find_mentions(page, annotation))
    }
    return {str(row["quote_id"]): list(_lines(row, whys.get(_key(row)), model)) for row in quotes}


def _page(article: Row, passages: Iterable[Row]) -> Page:
    stretches = (Passage(str(p["kind"]), int(str(p["span_start"])), int(str(p["span_end"]))) for p in passages)
    language = article["language"]
    return Page(str(article["text"]), tuple(stretches), language=None if language is None else str(language))


def _key(row: Row) -> tuple[int, int, str]:
    return int(str(row["span_start"])), int(str(row["span_end"])), str(row["kind"])


def _lines(row: Row, why: Why | None, model: str) -> Iterator[str]:
    if row["speaker_via"] == CORRECTION_VIA:
        yield "decided by a person: see the corrections above"
        return
    if why is None or why.quote.speaker_name != row["speaker_name"]:
        yield f"found by {row['extractor']}; today's stages and model ({extractor_version(model)}) find otherwise"
        return
    cue = f"cue “{why.cue}”" if why.cue else "no cue"
    rule = NO_SPEAKER if why.quote.speaker_start is None else RULES[why.rule]
    yield f"{cue}; {rule}; log-odds of being somebody's words {why.speech_score:+.1f}"
    if why.rivals:
        yield "candidates: " + ", ".join(
            f"{r.printed}{f' ({r.name})' if r.name and r.name != r.printed else ''} {r.score:+.1f}" for r in why.rivals
        )
    if why.referents:
        yield f"{row['speaker']} is: " + ", ".join(f"{name or 'nobody named'} {p:.0%}" for name, p in why.referents)
