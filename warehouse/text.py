"""Text from anywhere, made safe to show in a terminal."""

import re

from etl.csv_rows import FORMULA

#: Control characters, escape sequences' beginnings among them; tabs and line feeds are harmless.
#: The marks that turn the direction of what follows are among them.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text with control characters shown as their code instead of acted upon by the terminal."""
    return CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)


def unlike_formula(value: object) -> object:
    """A value for a CSV file: text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
