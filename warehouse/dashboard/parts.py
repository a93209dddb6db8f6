"""What the dashboard's pages are made of: filters that a person sets, and charts, tables and utterances.

Text from articles is shown as text only: in tables, in charts, or escaped in `st.html`; never through Markdown, which would make
links and images of it.
"""

from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

import pandas as pd
import streamlit as st

from etl.schema import FORMS
from etl.text import plural
from warehouse.dashboard.data import DOWNLOADED, SHOWN, Data, Filters
from warehouse.page import apart
from warehouse.text import continued, unlike_formula

#: Widgets whose values the address keeps.
IN_ADDRESS: Final = "query-params"

#: The same form has the same colour on every page, in light and dark.
COLOURS: Final = {"quoted": "#2f74c0", "mixed": "#8fbbe8", "reported": "#e39b4a"}
#: How an address begins that is made a link.
WEB = ("http://", "https://")
#: The most months of a chart that are named.
MOST_NAMED = 24
#: The filters that are out of sight until they are asked for.
MORE = ("since", "until", "form", "confidence")

CSS = """
<style>
.u { border-left: 3px solid #8886; padding: 0.1rem 0 0.1rem 0.9rem; margin: 0 0 1.1rem 0; overflow-wrap: anywhere; }
.u .who { font-weight: 600; } .u .where { opacity: 0.7; font-size: 0.85em; margin-left: 0.4rem; }
.u .context { opacity: 0.6; } .u a { font-size: 0.85em; margin-right: 1rem; }
.stMainBlockContainer { padding-top: 3.5rem; }
h1.t { font-size: 1.6rem; margin: 0; padding: 0; }
</style>
"""


def tell(text: str) -> None:
    """Show a text from any source, escaped."""
    st.html(f"<p>{escape(text)}</p>")


def heading(text: str) -> None:
    """A page's title."""
    st.html(f'<h1 class="t">{escape(text)}</h1>')


def asked(data: Data) -> Filters:
    """The filters a person set; the address keeps them."""
    one, two, three, four = st.columns(4)
    name = one.text_input("Speaker", key="speaker", bind=IN_ADDRESS, placeholder="part of a name")
    about = two.text_input("About", key="about", bind=IN_ADDRESS, placeholder="part of a name")
    is_off = bool(data.no_search)
    words = three.text_input("Words", key="words", bind=IN_ADDRESS, placeholder='words or "a phrase"', disabled=is_off)
    if is_off:
        tell(f"Words cannot be searched: {data.no_search}")
    outlet = four.selectbox(
        "Outlet", ["", *data.outlets()], key="outlet", bind=IN_ADDRESS, format_func=lambda o: o or "any"
    )
    one, two, three, four = st.expander("More filters", expanded=any(map(st.session_state.get, MORE))).columns(4)
    since = one.date_input("From", None, date(1400, 1, 1), date(2999, 12, 31), key="since", bind=IN_ADDRESS)
    until = two.date_input("To", None, date(1400, 1, 1), date(2999, 12, 31), key="until", bind=IN_ADDRESS)
    forms = three.multiselect("Form", FORMS, key="form", bind=IN_ADDRESS, placeholder="any")
    confidence = four.slider("Confidence at least", 0.0, 1.0, 0.0, 0.05, key="confidence", bind=IN_ADDRESS)
    return Filters(name, about, outlet or "", "" if is_off else words, tuple(forms), since, until, confidence)


def entity_chosen(data: Data, key: str) -> pd.Series | None:
    """The entity whose name a person gave: the most frequent of those it fits, or another of them."""
    part = st.text_input("Part of a name", key=key, bind=IN_ADDRESS)
    if not part:
        st.info("Enter part of a name.")
        return None
    found = data.names_like(part)
    if found.empty:
        st.info("No entity has such a name. Enter a shorter part of it.")
        return None
    each = zip(found["name"], found["type"], found["utterances"], strict=True)
    labels = [f"{name} ({kind}, {plural(n, 'utterance')})" for name, kind, n in each]
    number = st.selectbox("Which", range(len(labels)), format_func=labels.__getitem__) if len(labels) > 1 else 0
    return found.iloc[number or 0]


def by_month(data: Data, filters: Filters) -> None:
    """Utterances over time, and how many have no day."""
    rows = data.by_month(filters)
    dated = rows.dropna(subset="month")
    n_undated = int(rows["utterances"].sum() - dated["utterances"].sum())
    if dated.empty:
        st.caption("None of these has a day of publication, so there is no timeline.")
        return
    bars(timeline(dated.pivot(index="month", columns="form", values="utterances")), "month", height=220)
    if n_undated:
        st.caption(f"Without a day, and so not in the timeline: {plural(n_undated, 'utterance')}")


def timeline(monthly: pd.DataFrame) -> pd.DataFrame:
    """Rows by month, with those between; few months by name, since a time axis would be marked by days."""
    months = pd.date_range(monthly.index.min(), monthly.index.max(), freq="MS", name="month")
    rows = monthly.set_axis(pd.DatetimeIndex(monthly.index), axis="index").reindex(months)
    return (rows if len(months) > MOST_NAMED else rows.set_axis(months.strftime("%Y-%m"), axis="index")).reset_index(
        names="month"
    )


def bars(rows: pd.DataFrame, x: str, *, horizontal: bool = False, height: int | Literal["content"] = "content") -> None:
    """Bars parted by form: a column each."""
    forms = [form for form in COLOURS if form in rows]
    colours: Any = [COLOURS[form] for form in forms]
    st.bar_chart(rows, x=x, y=forms, y_label="utterances", color=colours, horizontal=horizontal, height=height)


def chart(rows: pd.DataFrame, x: str, y: str, otherwise: str) -> None:
    """Bars, or a sentence where there are none."""
    if rows.empty:
        st.caption(otherwise)
    else:
        st.bar_chart(rows, x=x, y=y, height=220)


def ranking(rows: pd.DataFrame, column: str) -> None:
    """A ranking, with bars."""
    if rows.empty:
        st.caption("None.")
    else:
        widest = int(rows["utterances"].max())
        bar = st.column_config.ProgressColumn(max_value=widest, format="%d")
        config = {"utterances": bar, column: st.column_config.TextColumn()}
        st.dataframe(rows, hide_index=True, width="stretch", column_config=config)


def table(rows: pd.DataFrame) -> None:
    """A table, with articles as links to their page."""
    config: dict[str, Any] = {
        "published_on": st.column_config.DateColumn(format="YYYY-MM-DD"),
        "started_at": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        "confidence": st.column_config.NumberColumn(format="%.2f"),
    }
    if "article_id" in rows:
        rows = rows.assign(article_id=[link("Article", id=i) for i in rows["article_id"]])
        config["article_id"] = st.column_config.LinkColumn("article", display_text="read")
    st.dataframe(rows, hide_index=True, width="stretch", column_config=config)


def quotations(rows: pd.DataFrame) -> None:
    """Quotations, each with a link to its printings."""
    links = [link("Quotation", quotation=i) for i in rows["quotation_id"]]
    config: dict[str, Any] = {
        "quotation_id": st.column_config.LinkColumn("printings", display_text="compare"),
        "published_on": st.column_config.DateColumn("first on", format="YYYY-MM-DD"),
        "outlet": "first in",
    }
    shown = rows.drop(columns=["speaker_id"]).assign(quotation_id=links)
    st.dataframe(shown, hide_index=True, width="stretch", column_config=config)


def utterances(rows: pd.DataFrame) -> None:
    """Utterances in their context, each with a link to its article."""
    st.html("".join(utterance(row) for row in rows.to_dict("records")) or "<p>None.</p>")


def utterance(row: Mapping[Any, Any]) -> str:
    """One utterance as HTML."""
    day = row["published_on"]
    printed_on = f"{day:%Y-%m-%d}" if isinstance(day, date) and not pd.isna(day) else "undated"
    where = [printed_on, row["outlet"], row["title"], row["form"], f"confidence {row['confidence']:.2f}"]
    told = " · ".join(apart(part) for part in where if part and not pd.isna(part))
    name = row["speaker"] if isinstance(row["speaker"], str) else "nobody named"
    printed = row["url"] if str(row["url"]).startswith(WEB) else None
    there = f'<a href="{escape(printed)}" target="_blank" rel="noreferrer noopener">as printed</a>' if printed else ""
    return (
        f'<div class="u"><span class="who">{apart(name)}</span><span class="where">{told}</span><br>'
        f'<span class="context">{escape(str(row["context_before"]))}</span> {escape(str(row["text"]))}'
        f'<span class="context">{escape(continued(str(row["context_after"])))}</span><br>'
        f'<a href="{link("Article", id=str(row["article_id"]))}" target="_self">read the article</a>{there}</div>'
    )


def path_of(page: str) -> str:
    """What a page's address ends with."""
    return page.lower().replace(" ", "-")


def link(page: str, **parameters: str) -> str:
    """The address of a page, from any other."""
    return f"{path_of(page)}?{urlencode(parameters, quote_via=quote)}"


def download(data: Data, filters: Filters) -> None:
    """A button that downloads the utterances, also those not shown, as CSV."""
    st.download_button(
        "CSV",
        lambda: csv(data.utterances(filters, DOWNLOADED)),
        "utterances.csv",
        "text/csv",
        help=f"Up to {DOWNLOADED:,} utterances, the newest first; {SHOWN} are shown here.",
    )


def csv(rows: pd.DataFrame) -> bytes:
    """Rows as CSV; what a spreadsheet would take for a formula gets an apostrophe in front."""
    return rows.map(unlike_formula).to_csv(index=False).encode()
