"""Given names, and whether men or women bear them."""

import json
from functools import cache

from etl.knowledge import DATA

#: For a given name: ln(share of men / share of women bearing it), from the 1990 census of the United States (public domain).
GIVEN_NAMES = DATA / "given_names.json"


@cache
def given_names() -> dict[str, int]:
    """Log-odds that the bearer of a given name, in lower case, is a man."""
    stored: dict[str, int] = json.loads(GIVEN_NAMES.read_text(encoding="utf-8"))
    return stored
