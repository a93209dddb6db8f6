"""What readers see: the SQL (views, checks), and the reader that opens what is published."""

from pathlib import Path

_HERE = Path(__file__).parent

#: Where a warehouse lies if nothing else is said: beside this package in a checkout of the project, else in the user's home.
DEFAULT_ROOT = _HERE / "data" if (_HERE.parent / "pyproject.toml").is_file() else Path.home() / "ontherecord"
#: The environment variable that names another.
ROOT_VARIABLE = "ONTHERECORD_WAREHOUSE"
#: The checks a snapshot passes before it is published.
CHECKS = _HERE / "checks"
#: Example queries on the views.
QUERIES = _HERE / "queries"


def views() -> str:
    """The statements that make the views, over the tables of `etl.schema`."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((_HERE / "views").glob("*.sql")))
