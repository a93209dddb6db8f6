"""The dashboard's pages. Streamlit runs this file again at each interaction: ``ontherecord dashboard`` starts it.

What pages are made of is in `warehouse.dashboard.parts`.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
import streamlit as st

from etl.errors import OnTheRecordError
from etl.text import plural
from warehouse import DEFAULT_ROOT, ROOT_VARIABLE
from warehouse.article import NoSuchArticleError, find_in
from warehouse.corrections import review
from warehouse.dashboard.correcting import correct
from warehouse.dashboard.data import RANKED, SHOWN, Data, Filters
from warehouse.dashboard.parts import (
    CSS,
    IN_ADDRESS,
    asked,
    bars,
    by_month,
    chart,
    download,
    entity_chosen,
    heading,
    path_of,
    quotations,
    ranking,
    table,
    tell,
    timeline,
    utterances,
)
from warehouse.page import STYLE, body
from warehouse.reader import NothingPublishedError, snapshot
from warehouse.search import NoIndexError

#: Seconds between looks at whether a new snapshot was published.
LOOK_EVERY = 15
#: Lines of the review list that is downloaded.
REVIEWED = 200
#: The parameter of an address that names a page, wherever it leads.
PAGE = "page"
#: Whose words they are, as `Data.voices_by_outlet` counts them.
VOICES: Final = {
    "women": "#7b5ea7",
    "men": "#3f9c8f",
    "persons, unknown": "#b5b5b5",
    "organisations": "#c9a227",
    "anonymous": "#7a7a7a",
}


@st.cache_resource(max_entries=2, show_spinner=False)
def opened(path: str) -> Data:
    """The data of one snapshot, shared by all who look at it."""
    return Data(Path(path))


def main() -> None:
    """Show the page that the address names."""
    st.set_page_config("On the Record", page_icon="🗞️", layout="wide", initial_sidebar_state="collapsed")
    st.html(CSS)
    root = warehouse_root()
    try:
        current = snapshot(root)
        data = opened(str(current))
    except NothingPublishedError:
        st.title("On the Record")
        st.info("Nothing is published here yet. Build the warehouse first, then reload this page:")
        st.code(f"ontherecord build FOLDER --warehouse {root}", language=None)
        return
    except OnTheRecordError as error:
        st.title("On the Record")
        tell(str(error))
        return
    watch(root, current)
    pages = {name: st.Page(partial(page, data), title=name, url_path=path_of(name)) for name, page in PAGES.items()}
    chosen = st.navigation(list(pages.values()), position="top")
    asked_for = st.query_params.to_dict()
    if (name := asked_for.pop(PAGE, None)) in pages:
        st.switch_page(pages[name], query_params=asked_for)
    try:
        chosen.run()
    except (duckdb.IOException, NoIndexError) as error:
        # Redacting deletes older snapshots at once, even one that a page is being made from.
        if published(root) != current:
            st.rerun()
        if not isinstance(error, NoIndexError):
            raise
        tell(str(error))


def warehouse_root() -> Path:
    """The warehouse that is shown."""
    return Path(os.environ.get(ROOT_VARIABLE) or DEFAULT_ROOT)


@st.fragment(run_every=LOOK_EVERY)
def watch(root: Path, current: Path) -> None:
    """Show the new snapshot once there is one."""
    if published(root) != current:
        st.rerun()


def published(root: Path) -> Path | None:
    """The published snapshot; None where there is none that can be read."""
    try:
        return snapshot(root)
    except OnTheRecordError:
        return None


def overview(data: Data) -> None:
    """Counts, a timeline and rankings."""
    heading("On the Record")
    counts = data.counts()
    run = data.runs().iloc[0]
    for column, name in zip(st.columns(4), ("articles", "utterances", "speakers", "outlets"), strict=True):
        column.metric(name.capitalize(), f"{counts[name]:,}")
    st.caption(f"Published {run['started_at']:%Y-%m-%d %H:%M} UTC · files and records rejected: {counts['rejected']:,}")
    filters = Filters()
    by_month(data, filters)
    left, right = st.columns(2)
    with left:
        st.subheader("Who is quoted most")
        ranking(data.speakers(Filters(forms=("quoted", "mixed"))), "speaker")
    with right:
        st.subheader("Where it was printed")
        ranking(data.ranking(filters, "outlet"), "outlet")


def who_said_what(data: Data) -> None:
    """Utterances by speaker, subject, outlet, days, form, confidence and words."""
    heading("Who said what")
    filters = asked(data)
    n = data.count(filters)
    st.caption(f"{plural(n, 'utterance')}; a reprinted article counts once")
    if not n:
        st.info("No utterance matches. Remove a filter, or enter a shorter part of the name.")
        return
    by_month(data, filters)
    rows = data.utterances(filters)
    download(data, filters)
    if n > len(rows):
        st.caption(f"The newest {len(rows):,}:")
    utterances(rows)


def speaker(data: Data) -> None:
    """One speaker: over time, with which verbs, about whom, where, and what most often."""
    heading("A speaker")
    chosen = entity_chosen(data, "speaker")
    if chosen is None:
        return
    filters = Filters(speaker_id=str(chosen["canonical_id"]))
    if not data.count(filters):
        st.info("No utterance of this speaker is in the published articles.")
        return
    by_month(data, filters)
    boxes = st.columns(3)
    parts = {
        "With which words": (data.ranking(filters, "cue_lemma"), "cue_lemma"),
        "About whom": (data.named(filters), "name"),
        "Printed where": (data.ranking(filters, "outlet"), "outlet"),
    }
    for box, (title, (rows, column)) in zip(boxes, parts.items(), strict=True):
        with box:
            st.subheader(title)
            ranking(rows, column)
    repeated = data.quotations(speaker_id=filters.speaker_id)
    if not repeated.empty:
        st.subheader("Printed most widely")
        quotations(repeated)
    st.subheader("The latest")
    utterances(data.utterances(filters))


def entity(data: Data) -> None:
    """One entity: when it is in the news, who speaks about it, and in which articles."""
    heading("Who is named")
    chosen = entity_chosen(data, "entity")
    if chosen is None:
        return
    st.html(f"<p>Printed as: {escape(', '.join(map(str, chosen['names'])))}</p>")
    articles = data.mentioned_in(str(chosen["canonical_id"]))
    months = articles["published_on"].dropna().dt.to_period("M").dt.start_time.value_counts().to_frame("articles")
    monthly = timeline(months) if len(months) else months
    chart(monthly, "month", "articles", "No article that names it has a day.")
    about = Filters(about=str(chosen["name"]))
    left, right = st.columns(2)
    with left:
        st.subheader("Who talks about them")
        ranking(data.speakers(about), "speaker")
    with right:
        st.subheader("Articles")
        table(data.titled(articles.head(SHOWN)))
    st.subheader("What is said about them")
    utterances(data.utterances(about))


def quotation(data: Data) -> None:
    """A quotation and its copies over time."""
    heading("A quotation and its copies")
    one, two = st.columns(2)
    words = one.text_input("Part of the words", key="quoted", bind=IN_ADDRESS)
    name = two.text_input("Part of the speaker's name", key="quoted_of", bind=IN_ADDRESS)
    chosen = st.text_input("Id of a quotation", key="quotation", bind=IN_ADDRESS)
    printings = data.printings(chosen) if chosen else None
    if printings is not None and printings.empty:
        st.warning("There is no such quotation in what is published now.")
    elif printings is not None:
        first = printings.iloc[0]
        st.html(f"<blockquote>{escape(str(first['text']))}</blockquote>")
        days = printings.dropna(subset="published_on").groupby("published_on").size()
        chart(days.reset_index(name="printings"), "published_on", "printings", "No printing of it has a day.")
        table(printings)
    rows = data.quotations(words, name)
    if rows.empty:
        st.info(
            "No quotation with these words is printed by more than one article. Quotations of six words or more are compared."
        )
        return
    st.subheader("Printed most widely")
    quotations(rows)


def outlets(data: Data) -> None:
    """Outlets side by side."""
    heading("Outlets side by side")
    filters = asked(data)
    rows = data.voices_by_outlet(filters)
    if rows.empty:
        st.info("No utterance matches. Remove a filter.")
        return
    bars(rows.head(RANKED), "outlet", horizontal=True)
    st.subheader("Whose words")
    shares: Any = list(VOICES.values())
    st.bar_chart(
        rows.head(RANKED), x="outlet", y=list(VOICES), color=shares, stack="normalize", horizontal=True, y_label="share"
    )
    st.caption(
        "Women and men as an authority file or the articles' pronouns say. Most people with few utterances are unknown."
    )
    table(rows)


def article(data: Data) -> None:
    """One article with what is marked in it."""
    heading("An article")
    identifier = st.text_input("Id of an article or of a quote", key="id", bind=IN_ADDRESS)
    if not identifier:
        st.info("Follow “read the article” below any utterance, or give an id.")
        return
    try:
        found = find_in(data.connection(), identifier)
    except NoSuchArticleError:
        st.warning("There is no such article or quote in what is published now.")
        return
    st.html(f"<style>{STYLE}</style>{body(found)}")
    correct(found, warehouse_root())


def health(data: Data) -> None:
    """Runs, files, rejections, and what a person should look at first."""
    heading("Data health")
    for title, rows in (
        ("Runs", data.runs()),
        ("Files", data.files()),
        ("Rejected", data.rejections()),
        ("Corrections that could not be applied", data.lost_corrections()),
        ("To review first: the least certain, the most widely printed", data.to_review()),
    ):
        st.subheader(title)
        if rows.empty:
            st.caption("None.")
        else:
            table(rows)
    st.download_button(
        "Review list",
        lambda: review_csv(data),
        "review.csv",
        "text/csv",
        help=f"The first {REVIEWED}, as lines of a corrections file: give a line its kind, and it is one.",
    )


def review_csv(data: Data) -> bytes:
    """What a person should look at first, in the format of a corrections file."""
    return pd.DataFrame(review(data.connection(), REVIEWED)).to_csv(index=False).encode()


PAGES: Mapping[str, Callable[[Data], None]] = {
    "Overview": overview,
    "Who said what": who_said_what,
    "Speaker": speaker,
    "Entity": entity,
    "Quotation": quotation,
    "Outlets": outlets,
    "Article": article,
    "Health": health,
}


main()
