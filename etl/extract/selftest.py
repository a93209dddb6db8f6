"""Self-test of the stages, to distinguish a broken environment from a single article that cannot be processed.

Run only after an error. A broken environment would reject every article, so it ends the run.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from etl.errors import BrokenEnvironmentError, on_record
from etl.page.parse import Hints, Page, parse
from etl.sources.file import read
from etl.sources.record import Record

TEXT = "Ferry waits for the tide\n\nMarch 3, 2031\n\n“We sail at noon,” Orla Quin said on Monday."
PROSE = "The ferry to Port Ellery waits for the tide again, and its owner hopes for better weather by the weekend. "
PAGE = f"<html><head><title>Ferry waits</title></head><body><article><p>{PROSE * 4}</p></article></body></html>"
#: A small file of each format, by its suffix.
SAMPLES: Mapping[str, str] = MappingProxyType(
    {
        ".txt": TEXT,
        ".html": PAGE,
        ".eml": f"Subject: Ferry waits\n\n{PROSE}\n",
        ".jsonl": '{"title": "Ferry waits", "text": "It waits for the tide."}',
        ".csv": "title,text\nFerry waits,It waits for the tide.\n",
        ".sgm": "<DOC><DOCNO>1</DOCNO><TEXT>It waits for the tide.</TEXT></DOC>",
    }
)


def refuse_broken(find: Callable[[Page], object], error: Exception) -> None:
    """Check that the stages can process the samples, after they failed on an article with ``error``.

    Raises:
        BrokenEnvironmentError: when they cannot.
    """
    if isinstance(error, BrokenEnvironmentError):
        raise error
    if isinstance(error, ImportError):
        raise BrokenEnvironmentError(
            f"a library is missing or does not load ({error}); install ontherecord again"
        ) from error
    try:
        records = [record for suffix, text in SAMPLES.items() for record in read(text.encode(), f"sample{suffix}")]
        for record in records:
            if isinstance(record, Record):
                find(parse(record, Hints()))
    except BrokenEnvironmentError:
        raise
    except Exception as broken:
        raise BrokenEnvironmentError(
            f"not even a sample article can be extracted ({on_record(broken)}); install ontherecord and its model again"
        ) from broken
    if not all(isinstance(record, Record) for record in records):
        raise BrokenEnvironmentError(
            "not even a sample of each format can be read; install ontherecord again"
        ) from error
