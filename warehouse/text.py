"""Text and other values from anywhere, made safe for a terminal, a spreadsheet or JSON."""

from datetime import date, time
from decimal import Decimal
from math import isfinite

from etl.csv_rows import CONTROL, FORMULA

#: Marks that are printed directly after a word.
CLOSING = ".,;:!?…)]”’"


def printable(text: str) -> str:
    """The text with control characters shown as their code instead of acted upon by the terminal."""
    return CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)


def continued(text: str) -> str:
    """The text that follows some words on the page, to be put after them: with a space in front, except before a closing mark."""
    return text if text[:1] in CLOSING else f" {text}"


def unlike_formula(value: object) -> object:
    """A value for a CSV file: text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def json_value(value: object) -> object:
    """A value for JSON: NaN as null, numbers as numbers, dates and times in ISO 8601, bytes in hexadecimal."""
    match value:
        case float() if not isfinite(value):
            return None
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case dict():
            return {str(key): json_value(item) for key, item in value.items()}
        case list() | tuple():
            return [json_value(item) for item in value]
        case _:
            return str(value)
