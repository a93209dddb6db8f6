"""Faults that people reported in public, retold as small pages (`tests/cases`): what is found is compared with what is right."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from etl.extract.article import extract
from etl.extract.rows import Stamp, document
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.sources.file import read
from etl.sources.record import Rejection

CASES = Path(__file__).parent / "cases"
KNOWN_WRONG: Mapping[str, str] = tomllib.loads((CASES / "known_wrong.toml").read_text(encoding="utf-8"))
MARKS = "\"'“”‘’«»„‟`‚‹› "
PLAIN = ("title", "published_on", "published_at", "publisher", "dateline_place", "language", "rejected")

Row = dict[str, Any]


def cases() -> Iterator[Any]:
    for line in (CASES / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        known = KNOWN_WRONG.get(case["file"])
        marks = [pytest.mark.xfail(reason=known, strict=True)] if known else []
        yield pytest.param(case, id=f"{case['file']} {case['kind']}", marks=marks)


@pytest.mark.parametrize("case", list(cases()))
def test_case(case: Row) -> None:
    rows = [row(found) for found in read((CASES / "files" / case["file"]).read_bytes(), case["file"])]
    assert len(rows) == len(case["expected"])
    assert [fault for want, got in zip(case["expected"], rows, strict=True) for fault in faults(want, got)] == []


def test_every_file_is_a_case_and_every_known_fault_too() -> None:
    named = {case.values[0]["file"] for case in cases()}
    assert named == {path.name for path in (CASES / "files").iterdir()}
    assert set(KNOWN_WRONG) <= named


@cache
def annotator() -> Annotator:
    return Annotator()


def row(found: Any) -> Row:
    if isinstance(found, Rejection):
        return {"rejected": found.reason}
    (extracted,) = extract([parse(found, Hints())], annotator())
    stamp = Stamp("", datetime.now(UTC), "", "")
    printed: Row = json.loads(json.dumps(document("", extracted, stamp), default=str))
    return printed


def faults(want: Row, got: Row) -> Iterator[str]:
    """What is wrong with one article, as readable lines."""
    for key in (key for key in PLAIN if key in want):
        value = one_line(got.get(key)).replace(" ", "T") if key == "published_at" else one_line(got.get(key))
        if value != one_line(want[key]):
            yield f"{key}: want {want[key]!r}, got {got.get(key)!r}"
    if "authors" in want and [a.lower() for a in got["authors"]] != [a.lower() for a in want["authors"]]:
        yield f"authors: want {want['authors']}, got {got['authors']}"
    for compare in (of_quotes, of_mentions, of_passages):
        yield from compare(want, got)


def of_quotes(want: Row, got: Row) -> Iterator[str]:
    found = [(bare(q["text"]), speaker_of(q), q["kind"]) for q in got.get("quotes", [])]
    if "quotes" in want:
        quoted = [(text, name) for text, name, kind in found if kind != "indirect"]
        wanted = [(bare(q["text"]), q["speaker_name"]) for q in want["quotes"]]
        missing = [w for w in wanted if not any(w[0] == text and fits(w[1], name) for text, name in quoted)]
        extra = [q for q in quoted if not any(text == q[0] and fits(name, q[1]) for text, name in wanted)]
        yield from (f"quote missing: {w}" for w in missing)
        yield from (f"quote too many: {q}" for q in extra if not want.get("more"))
    for words, name in want.get("indirect", []):
        if not any(kind == "indirect" and bare(words) in text and fits(name, who) for text, who, kind in found):
            yield f"indirect quote missing: {words!r} by {name}"
    for words in want.get("no_quote", []):
        yield from (f"is no quote: {text!r}" for text, _, _ in found if bare(words) in text)


def speaker_of(quote: Row) -> str | None:
    """The speaker's name; of somebody unnamed what is printed, in angle brackets."""
    return quote["speaker_name"] or (f"<{quote['speaker']}>" if quote["speaker"] else None)


def of_mentions(want: Row, got: Row) -> Iterator[str]:
    found = [(m["text"], m["entity_type"], m["entity_name"]) for m in got.get("mentions", [])]
    for text, types in want.get("entities", []):
        if not any(text == t and fits(types, kind) for t, kind, _ in found):
            yield f"mention missing: {text!r} {types}"
    for text, types in want.get("no_entities", []):
        yield from (f"is no name: {m}" for m in found if m[0] == text and fits(types, m[1]))
    for text, name in want.get("canon", []):
        if (names := {entity for t, _, entity in found if t == text}) != {name}:
            yield f"{text!r} means {sorted(names)}, not {name!r}"


def of_passages(want: Row, got: Row) -> Iterator[str]:
    found = {(p["kind"], one_line(got["text"][p["span_start"] : p["span_end"]])) for p in got.get("passages", [])}
    yield from (
        f"passage missing: {kind}: {text!r}" for kind, text in want.get("passages", []) if (kind, text) not in found
    )


def fits(wanted: Any, got: Any) -> bool:
    return wanted in ("*", got) or (isinstance(wanted, list) and got in wanted)


def one_line(text: Any) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def bare(text: str) -> str:
    return one_line(text).strip(MARKS).rstrip(",").strip(MARKS)
