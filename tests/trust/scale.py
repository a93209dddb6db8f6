"""How much the harnesses do: little in `make test`, and in `make soak` as much as it takes to trust them."""

import os
import sys

#: Set by `make soak`.
IS_SOAK = bool(os.environ.get("SOAK"))


def scaled(short: int, long: int) -> int:
    """``short`` in the tests, ``long`` in the soak."""
    return long if IS_SOAK else short


def tell(text: str) -> None:
    """Print a figure for the person who runs the soak."""
    sys.stdout.write(f"\n  {text}\n")
