"""The stages on single articles: no warehouse is involved."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from etl.config import DEFAULT_MODEL
from etl.errors import OnTheRecordError
from flows.cli.options import Model


def extract(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of news text.")] = None,
    jsonl: Annotated[Path | None, typer.Option(help="A file of JSON lines, each with doc_id and text.")] = None,
    model: Model = DEFAULT_MODEL,
    year: Annotated[int | None, typer.Option(min=1400, max=2999, help="The year of datelines that print none.")] = None,
) -> None:
    """Print what is found in files, as JSON lines. No warehouse is involved.

    What cannot be used is a line with the reason, and the exit code is 1 then.
    """
    from flows.documents import from_files, from_jsonl

    documents = [from_files(files or [], model, year)]
    if jsonl:
        documents.append(from_jsonl(jsonl, model, year))
    if not files and not jsonl:
        raise typer.BadParameter("name some files, or a file of JSON lines with --jsonl")
    n_rejected = 0
    for some in documents:
        for document in some:
            n_rejected += "rejected" in document
            sys.stdout.write(json.dumps(document, default=str, ensure_ascii=False) + "\n")
    if n_rejected:
        raise OnTheRecordError(f'{n_rejected:,} could not be used; the lines with "rejected" say which and why')


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Annotated articles, as JSON lines.", show_default=False)],
    kinds: Annotated[str, typer.Option(help="Only quotes of these kinds, as in: direct,partial")] = "",
    errors: Annotated[int, typer.Option(min=0, help="List up to so many errors of each sort.")] = 0,
    model: Model = DEFAULT_MODEL,
) -> None:
    """Say how right the quotes and speakers are on articles that you have annotated. No warehouse is involved."""
    from flows.evaluation import evaluation

    only = frozenset(kind.strip() for kind in kinds.split(",") if kind.strip())
    Console(markup=False).print(evaluation(gold, only or None, errors, model), highlight=False)
