"""Writing a line of a corrections file from the article reader: the one thing that the dashboard writes.

It is there only where ``ontherecord.toml`` lists a corrections file, and it adds lines to the first of them. The dashboard answers
on 127.0.0.1 alone and asks for no password, so whoever has an account on the machine may add a line; each says who it is by.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

import streamlit as st

from etl.config import Config, load_config
from etl.corrections.append import append
from etl.corrections.file import OF_ARTICLE
from etl.entities.authority import read_authority
from etl.errors import OnTheRecordError
from etl.schema import CORRECTION_KINDS, ENTITY_TYPES, SPEAKER_TYPES
from etl.store.paths import Layout
from etl.store.rollback import username
from warehouse.article import Found, Row
from warehouse.corrections import anchored

#: What the form is set to once a line is written; one that was refused stays to be mended.
EMPTY = {"kind": CORRECTION_KINDS[0], "target": 0, "value": "", "type": "", "authority_id": "", "reason": ""}
#: Where it is kept until the page is made again that a line was written.
WRITTEN = "written"
#: Letters of a quote or a name by which a person chooses it.
BRIEF = 80
WHAT_IS_WRONG: Mapping[str, str] = {
    "speaker": "somebody else says it",
    "not speech": "nobody says it",
    "span": "other words are said",
    "entity": "the name is somebody else's",
    "title": "the title",
    "date": "the day of publication",
    "authors": "the authors",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What may be wrong: the article, or a quote or a name in it."""

    told: str
    row: Row | None = None


def correct(found: Found, root: Path) -> None:
    """A form for one correction of an article."""
    with st.expander("Correct something in this article"):
        try:
            config = load_config(Layout(root).config)
        except OnTheRecordError as error:
            st.html(f"<p>{escape(str(error))}</p>")
            return
        if not config.corrections:
            st.caption("To correct rows from here, make a corrections file and list it in ontherecord.toml:")
            st.code('corrections = ["corrections.csv"]', language=None)
        elif cells := _asked(found):
            _write(config, cells)


def _asked(found: Found) -> dict[str, str] | None:
    """The cells of the line that a person asked for; None while they have not."""
    targets = _targets(found)
    if st.session_state.pop(WRITTEN, False):
        st.session_state.update(EMPTY)
        st.success("Written. The next build applies it.")
    with st.form("correction"):
        kind = st.selectbox("What is wrong", CORRECTION_KINDS, format_func=WHAT_IS_WRONG.__getitem__, key="kind")
        target = st.selectbox("In what", range(len(targets)), format_func=lambda n: targets[n].told, key="target")
        value = st.text_input(
            "What is right",
            key="value",
            help="A name, words, a title, a day like 2017-12-11, or authors parted by |. Empty for none.",
        )
        one, two = st.columns(2)
        type_ = one.selectbox("Type of the name", ("", *ENTITY_TYPES, *SPEAKER_TYPES), key="type")
        id_ = two.text_input("Its id in an authority file", key="authority_id")
        by = one.text_input("Decided by", username(), key="by")
        reason = two.text_input("Because", key="reason")
        if not st.form_submit_button("Write the correction"):
            return None
    row = targets[target].row
    anchor = anchored({**row, "text": found.article["text"]}) if row and kind not in OF_ARTICLE else {}
    cells = {name: str(found.article[name] or "") for name in ("source_uri", "record_key")}
    said = {"value": value, "type": type_, "id": id_, "corrected_by": by, "reason": reason}
    return {"kind": kind, **cells, **anchor, **said, "corrected_on": date.today().isoformat()}


def _targets(found: Found) -> list[Target]:
    """The article, its quotes by their numbers, and its names."""
    quotes = (Target(f"[{n}] {_brief(quote)}", quote) for n, quote in enumerate(found.quotes, 1))
    names = (Target(f"name: {_brief(mention)}", mention) for mention in found.mentions if mention["via"] == "named")
    return [Target("the article"), *quotes, *names]


def _brief(row: Row) -> str:
    words = " ".join(str(row["text"]).split())
    return words if len(words) <= BRIEF else f"{words[:BRIEF]}…"


def _write(config: Config, cells: Mapping[str, str]) -> None:
    path = config.corrections[0]
    try:
        append(path, cells, config.corrections, read_authority(*config.authority).rows)
    except OnTheRecordError as error:
        st.html(f"<p>Nothing was written: {escape(str(error))}</p>")
    except OSError as error:
        st.html(
            f"<p>Nothing was written: {escape(os.fspath(path))} cannot be written ({escape(str(error.strerror))}).</p>"
        )
    else:
        st.session_state[WRITTEN] = True
        st.rerun()
