"""Applying corrections to one article: its rows as extracted in, its rows as corrected out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from etl.corrections.anchor import Anchor, matching, places
from etl.corrections.file import Correction
from etl.ids import span_id
from etl.schema import CORRECTION_VIA, ENTITY_TYPES
from etl.spans import Span, overlap

Row = dict[str, Any]

#: What kind of voice an entity has, by its class; the others are organisations.
VOICES = {"PERSON": "person", "NORP": "group", "LAW": "document", "WORK_OF_ART": "document"}


class LostError(Exception):
    """What a correction is about is not there. The message says what is missing."""


@dataclass(slots=True)
class Rows:
    """The rows of one article."""

    article: Row
    passages: list[Row]
    quotes: list[Row]
    mentions: list[Row]

    def copy(self) -> "Rows":
        """The same rows, to be changed."""
        lists = ([dict(row) for row in rows] for rows in (self.passages, self.quotes, self.mentions))
        return Rows(dict(self.article), *lists)


def corrected(extracted: Rows, corrections: Sequence[Correction]) -> tuple[Rows, dict[str, str | None]]:
    """An article's rows with corrections applied; and for each ``correction_id`` why it is lost, None where it is applied.

    Anchors are looked up in the rows as extracted, so the order of the corrections does not matter.
    """
    rows = extracted.copy()
    problems: dict[str, str | None] = {}
    done: dict[tuple[object, ...], Correction] = {}
    for kind, apply in KINDS.items():
        for correction in sorted((c for c in corrections if c.kind == kind), key=lambda c: c.correction_id):
            try:
                target = (kind, *_target(extracted, correction))
                if target in done:
                    raise LostError(f"corrects the same as line {done[target].line} of {done[target].file.name}")
                apply(rows, extracted, correction)
                done[target] = correction
                problems[correction.correction_id] = None
            except LostError as error:
                problems[correction.correction_id] = str(error)
    return rows, problems


def _target(extracted: Rows, correction: Correction) -> tuple[object, ...]:
    """What a correction is about within its kind: two of one target contradict each other."""
    if correction.kind == "speaker":
        return (_utterance_no(extracted, correction),)
    if correction.kind == "entity":
        return _place(extracted, extracted.mentions, correction)
    return _place(extracted, extracted.quotes, correction) if correction.kind in ("span", "not speech") else ()


def _place(extracted: Rows, rows: Sequence[Row], correction: Correction) -> Span:
    """The span of the one row, or rows, that a correction's anchor is about."""
    text = extracted.article["text"]
    found = next(filter(None, (places(text, anchor) for anchor in correction.anchors)), [])
    if not found:
        raise LostError("its words do not stand in the article")
    spans = matching(text, found, [_span(row) for row in rows])
    if not spans:
        raise LostError("nothing is marked as a name there" if rows is extracted.mentions else "no quote has its words")
    if len(spans) > 1:
        raise LostError(f"its words stand {len(spans)} times in the article; say what stands before or after them")
    return spans.pop()


def _span(row: Mapping[str, Any], name: str = "span") -> Span:
    return row[f"{name}_start"], row[f"{name}_end"]


def _refuse_not_speech(rows: Rows, span: Span) -> None:
    if span not in map(_span, rows.quotes):
        raise LostError("another correction says that the quote is not speech")


def _utterance_no(extracted: Rows, correction: Correction) -> int:
    span = _place(extracted, extracted.quotes, correction)
    return int(min(row["utterance_no"] for row in extracted.quotes if _span(row) == span))


def _title(rows: Rows, _: Rows, correction: Correction) -> None:
    rows.article["title"] = correction.value or None


def _authors(rows: Rows, _: Rows, correction: Correction) -> None:
    rows.article["authors"] = [name.strip() for name in correction.value.split("|") if name.strip()]


def _date(rows: Rows, _: Rows, correction: Correction) -> None:
    day = date.fromisoformat(correction.value) if correction.value else None
    if day != rows.article["published_on"]:
        rows.article["published_at"] = None
    rows.article["published_from"] = CORRECTION_VIA if day else None
    for row in (rows.article, *rows.passages, *rows.quotes, *rows.mentions):
        row["published_on"] = day


def _entity(rows: Rows, extracted: Rows, correction: Correction) -> None:
    """A name is another entity's; and so are the words of which its stretch of text is the speaker."""
    span = _place(extracted, extracted.mentions, correction)
    for mention in rows.mentions:
        if _span(mention) == span:
            mention |= {
                "entity_type": correction.type,
                "entity_id": correction.entity_id,
                "entity_name": correction.value,
            }
    for quote in rows.quotes:
        if _span(quote, "speaker") == span:
            quote |= _voice(correction)


def _speaker(rows: Rows, extracted: Rows, correction: Correction) -> None:
    """An utterance is another's, and was said. What was printed for the speaker stays, unless it names somebody else."""
    _refuse_not_speech(rows, _place(extracted, extracted.quotes, correction))
    number = _utterance_no(extracted, correction)
    of = {_span(mention): mention["entity_id"] for mention in rows.mentions}
    for quote in rows.quotes:
        if quote["utterance_no"] == number:
            quote |= {**_voice(correction), "speaker_via": CORRECTION_VIA, "confidence": 1.0, "is_unsaid": False}
            if of.get(_span(quote, "speaker"), correction.entity_id) != correction.entity_id:
                quote |= {"speaker": None, "speaker_start": None, "speaker_end": None}


def _voice(correction: Correction) -> Row:
    is_named = correction.type in ENTITY_TYPES
    return {
        "speaker_name": correction.value or None,
        "speaker_entity_id": correction.entity_id,
        "speaker_type": VOICES.get(correction.type, "organisation") if is_named else correction.type,
    }


def _words(rows: Rows, extracted: Rows, correction: Correction) -> None:
    """A quote has other words: those of the given ones that overlap it most."""
    span, text = _place(extracted, extracted.quotes, correction), extracted.article["text"]
    share, (start, end) = max(
        ((overlap(place, span), place) for place in places(text, Anchor(correction.value))), default=(0.0, (0, 0))
    )
    passage_no = next((p["passage_no"] for p in rows.passages if p["span_start"] <= start < p["span_end"]), None)
    if not share or passage_no is None:
        raise LostError("the words in value do not stand where the quote is")
    _refuse_not_speech(rows, span)
    for quote in rows.quotes:
        if _span(quote) == span:
            fresh = span_id(quote["article_id"], start, end, quote["kind"])
            if any(other["quote_id"] == fresh and other is not quote for other in rows.quotes):
                raise LostError("another quote has the words in value already")
            quote |= {
                "quote_id": fresh,
                "text": text[start:end],
                "span_start": start,
                "span_end": end,
                "passage_no": passage_no,
            }


def _not_speech(rows: Rows, extracted: Rows, correction: Correction) -> None:
    span = _place(extracted, extracted.quotes, correction)
    rows.quotes = [quote for quote in rows.quotes if _span(quote) != span]


#: What each kind does, in the order in which kinds are applied: names before the speakers that they may be, what is not said before
#: what is said of it, spans last, since they move what the others look for.
KINDS: Mapping[str, Callable[[Rows, Rows, Correction], None]] = {
    "title": _title,
    "date": _date,
    "authors": _authors,
    "entity": _entity,
    "not speech": _not_speech,
    "speaker": _speaker,
    "span": _words,
}
