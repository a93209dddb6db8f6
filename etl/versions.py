"""The versions of the stages, as the ``parser`` and ``extractor`` columns hold them.

A row whose version is not today's is stale and is made again; so a stage's VERSION goes up whenever its output may change.
"""

import platform
from importlib.metadata import version

from etl import annotate, entities, fold, language, parse, quotes, read
from etl.config import Source
from etl.schema import SCHEMA_VERSION

LIBRARIES = ("ontherecord", "duckdb", "pandas", "pyarrow", "spacy", "prefect")


def parser_version(source: Source) -> str:
    """Versions of the stages that read the page, and the source's options that change what they read."""
    stages = f"read {read.VERSION}, parse {parse.VERSION}, language {language.VERSION}"
    return f"{stages}, {source.options}" if source.options else stages


def extractor_version(model: str) -> str:
    """Versions of the stages that find names and quotes, and of the model."""
    stages = (("fold", fold), ("annotate", annotate), ("entities", entities), ("quotes", quotes))
    return ", ".join([*(f"{name} {stage.VERSION}" for name, stage in stages), annotate.model_version(model)])


def library_versions() -> dict[str, str]:
    """What a run ran on."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), "schema": str(SCHEMA_VERSION), **libraries}
