"""On the Record as a library: quotes of a text, a warehouse from files, and tables of what is published.

A thin front: `etl`, `flows` and `warehouse` do the work. Paths may be strings.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import pandas as pd

from warehouse import DEFAULT_ROOT
from warehouse.reader import query

if TYPE_CHECKING:
    from etl.extract.shard import Finder
    from flows.pipeline import Summary
    from flows.request import BuildOptions

__all__ = ["build", "quotes", "sql", "table"]

#: The columns of `quotes`, with their types in pandas.
COLUMNS = {
    "text": "str",
    "speaker": "str",
    "confidence": "float64",
    "kind": "str",
    "cue": "str",
    "span_start": "int64",
    "span_end": "int64",
}


def quotes(text: str, *, model: str | None = None, year: int | None = None) -> pd.DataFrame:
    """The quotes in the text of one article, in order: a row is one contiguous stretch of somebody's words.

    ``speaker`` is the fullest name that the article gives whoever speaks, else what stands there; missing where nobody is named.
    ``confidence`` is the estimated probability that the speaker is right. ``text`` is ``text[span_start:span_end]`` of the article.
    ``model`` is the directory of an encoder, loaded once; ``year`` completes datelines that print none.
    """
    from etl.choices import DEFAULT_MODEL
    from etl.page.parse import Hints, parse
    from etl.sources.record import Record

    page = parse(Record(0, text), Hints(year=year))
    found = sorted(_finder(model or DEFAULT_MODEL)(page).quotes, key=lambda quote: (quote.start, quote.end))
    rows = [
        (
            page.text[quote.start : quote.end],
            quote.speaker_name or _stretch(page.text, quote.speaker_start, quote.speaker_end),
            quote.confidence,
            quote.kind,
            _stretch(page.text, quote.cue_start, quote.cue_end),
            quote.start,
            quote.end,
        )
        for quote in found
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def build(*sources: Path | str, warehouse: Path | str = DEFAULT_ROOT, **options: "Unpack[BuildOptions]") -> "Summary":
    """Build a warehouse from its sources and publish it, without Prefect. The default is all sources that it lists.

    ``options`` are the options of `ontherecord build`, which its --help describes. A script needs a main guard, because worker
    processes import it.

    Raises:
        OnTheRecordError: when it cannot be done as asked; what is published stays as it is.
    """
    from flows.pipeline import build_directly
    from flows.request import BuildRequest

    return build_directly(BuildRequest.of(warehouse=warehouse, sources=sources, **options))


def sql(statement: str, *, warehouse: Path | str = DEFAULT_ROOT) -> pd.DataFrame:
    """The rows of a query on what is published, in pandas with Arrow's types.

    Raises:
        OnTheRecordError: when nothing was published yet.
        duckdb.Error: when the query is wrong.
    """
    frame: pd.DataFrame = query(warehouse, statement).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def table(name: str, *, warehouse: Path | str = DEFAULT_ROOT) -> pd.DataFrame:
    """All rows of a published table or view, such as ``quote`` or ``said``.

    Raises:
        OnTheRecordError: when nothing was published yet.
        duckdb.Error: when there is no such table.
    """
    return sql(f'FROM "{name.replace(chr(34), chr(34) * 2)}"', warehouse=warehouse)


@cache
def _finder(model: str) -> "Finder":
    from etl.extract.shard import finder
    from etl.model.annotate import Annotator

    annotator = Annotator(model)
    return finder(lambda: annotator)


def _stretch(text: str, start: int | None, end: int | None) -> str | None:
    return None if start is None else text[start:end]
