"""Text from anywhere, made safe to show in a terminal."""

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
