"""Plain text: one article, or several in one file."""

from collections.abc import Iterator

from etl.sources.decode import decode, strip_controls, strip_markup
from etl.sources.record import ReadOptions, Record, Rejection
from etl.sources.split import own_key, split

SUFFIXES = (".txt", ".text", ".asc", ".md", ".log", "")
SIGNATURE = None

NOT_TEXT = Rejection("binary", "the bytes are not text in any encoding known here; convert the file to plain text")


def read(data: bytes, options: ReadOptions) -> Iterator[Record | Rejection]:
    """One record for each article, with its slice of the text."""
    decoded = decode(data, options.encoding)
    if decoded is None:
        yield NOT_TEXT
        return
    text, controls = strip_controls(decoded.text)
    text, markup = strip_markup(text)
    repairs = (*decoded.repairs, *controls, *markup)
    for number, piece in enumerate(split(text)):
        longest = max(map(len, piece.split("\n")), default=0)
        if longest > options.max_line:
            detail = f"a line of {longest:,} characters, more than max_line = {options.max_line:,}; is this news text?"
            yield Rejection("long_line", detail, number)
        elif not piece.strip():
            yield Rejection.empty("it holds no text but control characters and markup", number)
        else:
            yield Record(number, piece, decoded.encoding, repairs, own_key(piece))
