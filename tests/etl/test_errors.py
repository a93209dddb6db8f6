import errno

import duckdb
import pytest

from etl.errors import SourceError, machine_fault, on_record

FULL = duckdb.IOException('Could not write file "work/load.duckdb": No space left on device')


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SourceError("a source is missing\nand more"), "SourceError: a source is missing"),
        (OSError(errno.ENOSPC, "No space left on device", "/w/metrics"), "OSError: No space left on device"),
        (
            OSError("[Errno 28] Error writing bytes. Detail: No space left on device"),
            "OSError: No space left on device",
        ),
        (FULL, "IOException: No space left on device"),
        (ValueError("“I have said enough,” said Quill"), "ValueError"),
    ],
)
def test_on_record_is_what_happened_and_no_word_of_an_article(error: Exception, expected: str) -> None:
    assert on_record(error) == expected


def test_a_fault_of_the_machine_is_told_from_a_defect() -> None:
    assert machine_fault(FULL) == "No space left on device"
    assert machine_fault(ValueError("no such column")) is None
