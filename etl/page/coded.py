"""Parse pages from the database Factiva, in which a code of two or three capitals names each line or the lines below it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from etl.page.bylines import Byline, read_names
from etl.page.dates import read_stamp
from etl.page.head import Context, Mark
from etl.page.lines import Line

#: Codes of Factiva's display format. Those of `BODY` contain the article, those of `FOOT` follow it.
HEAD = ("SE", "HD", "BY", "CR", "CLM", "WC", "PD", "ET", "SN", "SC", "ED", "PG", "VOL", "LA", "CY")
BODY = ("LP", "TD")
FOOT = ("ART", "CX", "CT", "RF", "CO", "IN", "NS", "RE", "IPC", "IPD", "PUB", "AN")
CODE = re.compile(rf"(?P<code>{'|'.join((*HEAD, *BODY, *FOOT))})(?:\s+(?P<value>.*))?\Z")
#: The value after a code of the foot: a code with its meaning, or the number of the document.
FOOT_VALUE = re.compile(r".* : .*|.*\|.*|Document \w+|.{0,60}(?:Limited|Inc|Ltd|Company|plc)\.?", re.IGNORECASE)
#: A page is coded if these codes are among this many lines.
REACH, SIGNS = 30, frozenset(("HD", "PD"))
FIELDS = {
    "HD": ("headline", "title"),
    "BY": ("byline", "authors"),
    "PD": ("date line", "published"),
    "SN": ("boilerplate", "publisher"),
}


def read_coded(lines: Sequence[Line], context: Context) -> tuple[list[Mark], list[Line]] | None:
    """The marks of a coded page, and the lines of its body without codes. None for any other page."""
    codes = {match["code"] for line in lines[:REACH] if (match := CODE.match(line.text))}
    if not codes >= SIGNS or not codes & set(BODY):
        return None
    marks: list[Mark] = []
    body: list[Line] = []
    code = ""
    for line in lines:
        match = _coded(line, code)
        value = (match["value"] or "") if match else line.text
        code = match["code"] if match else code
        rest = replace(line, text=value, start=line.end - len(value), is_apart=line.is_apart or match is not None)
        if code in BODY:
            if len(value) < len(line.text):
                marks.append(Mark("boilerplate", line.start, line.start + len(code)))
            body += [rest] if value else []
        elif value and code in FIELDS:
            marks.append(_field(rest, code, context))
        else:
            marks.append(Mark("boilerplate", line.start, line.end))
    return marks, body


def _coded(line: Line, above: str) -> re.Match[str] | None:
    """The code at the start of a line. In the body, a word in capitals may also begin a sentence."""
    match = CODE.match(line.text)
    if not match or above not in BODY:
        return match
    value = match["value"]
    is_code = match["code"] in BODY if value and above == "LP" else False
    return match if not value or is_code or (match["code"] in FOOT and FOOT_VALUE.fullmatch(value)) else None


def _field(line: Line, code: str, context: Context) -> Mark:
    kind, field = FIELDS[code]
    stamp = read_stamp(line.text, context.zone, day_first=context.day_first) if field == "published" else None
    byline = read_names(line.text) if field == "authors" else Byline()
    return Mark(kind, line.start, line.end, stamp, byline, header=(field, line.text))
