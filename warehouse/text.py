"""Text from anywhere, made safe to show in a terminal."""

import re

#: Control characters, escape sequences' beginnings among them; tabs and line feeds are harmless.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """The text with control characters shown as their code instead of acted upon by the terminal."""
    return CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)
