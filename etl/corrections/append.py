"""Adding a line to a corrections file from a program, such as the dashboard, while people and other programs write it too."""

import csv
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from io import StringIO
from pathlib import Path

from etl.corrections.file import COLUMNS, FOR_THE_READER, REQUIRED, conflicts, parsed, read_corrections
from etl.csv_rows import guarded, read_cells, refuse_all
from etl.durable import write_whole
from etl.entities.authority import Row
from etl.errors import ConfigError


def append(path: Path, cells: Mapping[str, str], others: Collection[Path] = (), authority: Sequence[Row] = ()) -> None:
    """Add a line to a corrections file in one step, so that nobody ever reads half of it.

    ``cells`` are by column; those left out are empty. A new file gets a header. ``others`` are the other corrections files.

    Raises:
        ConfigError: if the line could not be read again, or contradicts one that there is; the file stays as it was.
    """
    with _locked(path.resolve().parent):
        content = path.read_bytes() if path.exists() else b""
        whole = content + _line(path, content, cells)
        rows = [*read_corrections([o for o in others if o != path], authority).rows, *parsed(path, whole, authority)]
        refuse_all(conflicts(rows))
        write_whole(path, whole.decode())


def _line(path: Path, content: bytes, cells: Mapping[str, str]) -> bytes:
    """A line for the columns of a file's header, after a line feed where the last line has none."""
    if content.strip():
        list(read_cells(path, content, COLUMNS, REQUIRED, FOR_THE_READER))  # a file that cannot be read is not written
    header = next(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")), []) or list(COLUMNS)
    if lacking := [name for name, cell in cells.items() if cell and name not in header]:
        raise ConfigError(f"{path} has no column {' and no column '.join(lacking)}; add it to the header")
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    if not content.strip():
        writer.writerow(header)
    elif not content.endswith(b"\n"):
        out.write("\n")
    writer.writerow([guarded(cells.get(name, "")) for name in header])
    return out.getvalue().encode()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other programs from adding lines to files of a folder. The folder is locked: a file is replaced, its lock with it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be opened: {error.strerror}") from None
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)
