"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

import warehouse
from etl.config import DEFAULT_MODEL

DEFAULT_ROOT = warehouse.DEFAULT_ROOT
Root = Annotated[
    Path,
    typer.Option(
        "--warehouse", "-w", envvar="ONTHERECORD_WAREHOUSE", help="The warehouse's directory.", show_default=False
    ),
]
Model = Annotated[str | None, typer.Option(help=f"An installed spaCy pipeline.  [default: {DEFAULT_MODEL}]")]
