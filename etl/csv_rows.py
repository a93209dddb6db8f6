"""CSV files that people edit by hand: authority files and corrections.

Spreadsheets run cells that begin with ``=``, ``+``, ``-`` or ``@`` as formulas, and the text of an article may begin so. `guarded`
puts an apostrophe in front of such a cell, and `unguarded` takes it away again, so that a cell survives being written and read.
"""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from io import StringIO
from pathlib import Path

from etl.errors import ConfigError

#: What spreadsheets take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"
#: Hexadecimal digits of the hash of all files of one kind.
HASH_DIGITS = 12
#: The most lines of a file that an error names.
ERRORS_SHOWN = 20
#: What some programs put between cells in the place of commas.
OTHER_DELIMITERS = re.compile(r"[;\t|]")
#: Characters that a terminal acts upon, and marks that turn the direction of what follows. Tabs and line feeds are harmless.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"{GUARD}{cell}" if cell.lstrip(GUARD).startswith(FORMULA) else cell


def unguarded(cell: str) -> str:
    """The text of a cell that `guarded` made."""
    is_guarded = cell.startswith(GUARD) and cell.lstrip(GUARD).startswith(FORMULA)
    return cell.removeprefix(GUARD) if is_guarded else cell


def read_files(paths: Iterable[Path]) -> tuple[list[tuple[Path, bytes]], str]:
    """The bytes of files that ``ontherecord.toml`` lists, by path; and a hash of them all: 12 hexadecimal digits, '' if none.

    Raises:
        ConfigError: if one cannot be read.
    """
    contents = sorted({path: _bytes(path) for path in paths}.items())
    digests = sorted(sha256(content).hexdigest() for _, content in contents)
    return contents, sha256("".join(digests).encode()).hexdigest()[:HASH_DIGITS] if contents else ""


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}; mend it, or take it out of the command or of ontherecord.toml"
        ) from None


def read_cells(
    path: Path, content: bytes, columns: Sequence[str], required: Collection[str], ignored: Collection[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with a header: the line each ends on, and its cells by column, without outer white space.

    Columns in ``ignored`` are accepted. Rows of empty cells are skipped.

    Raises:
        ConfigError: if the file is not UTF-8 or not CSV, or its header does not fit. The message gives file and line.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8; save it as UTF-8") from None
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        header: list[str] = next(lines, [])
        if len(header) == 1 and (found := OTHER_DELIMITERS.search(header[0])):
            raise row_error(path, 1, f"the cells are separated by {found[0]!r}; save it as CSV with commas")
        missing = [column for column in columns if column in required and column not in header]
        if set(header) - {*columns, *ignored} or missing or len(set(header)) < len(header):
            allowed = f"use {', '.join(columns)}, each at most once, and always {' and '.join(required)}"
            raise row_error(path, 1, f"the header is {header}; {allowed}")
        for cells in lines:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    says = f"has {len(cells)} cells for {len(header)} columns; quote cells that hold commas"
                    raise row_error(path, lines.line_num, says)
                yield lines.line_num, {c: cell.strip() for c, cell in zip(header, cells, strict=True)}
    except csv.Error as error:
        raise row_error(path, lines.line_num, f"is not CSV: {error}") from None


def refuse_control(path: Path, line: int, cells: Mapping[str, str]) -> None:
    """Reject cells with control characters, which would be stored and shown as the decision of a person.

    Raises:
        ConfigError: the message gives file, line, column and character.
    """
    for column, cell in cells.items():
        if found := CONTROL.search(cell.replace("\r\n", "\n")):
            raise row_error(path, line, f"{column} has the control character {found.group()!a}; delete it")


def refuse_all(errors: Iterable[ConfigError]) -> None:
    """Raise the errors as one, so that a file which was not edited yet is not refused once for each.

    Raises:
        ConfigError: if there are any.
    """
    found = [str(error) for error in errors]
    more = [f"{len(found) - ERRORS_SHOWN:,} more"] * (len(found) > ERRORS_SHOWN)
    if found:
        raise ConfigError("\n".join([*found[:ERRORS_SHOWN], *more]))


def row_error(path: Path, line: int, what: str) -> ConfigError:
    """The error for what is wrong on a line of a file."""
    return ConfigError(f"{path}, line {line}: {what}")
