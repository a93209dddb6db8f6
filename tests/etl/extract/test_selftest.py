"""The samples by which a broken environment is told from an article that the stages cannot take."""

from pathlib import PurePosixPath

import pytest

from etl.errors import BrokenEnvironmentError
from etl.extract.selftest import SAMPLES, refuse_broken
from etl.extract.shard import finder
from etl.sources.file import read
from etl.sources.formats import readers
from etl.sources.record import Record
from tests.helpers import pair_annotator


def test_there_is_a_sample_of_every_format() -> None:
    assert {readers()[suffix] for suffix in SAMPLES} == set(readers().values())


@pytest.mark.parametrize("suffix", SAMPLES)
def test_every_sample_is_read(suffix: str) -> None:
    (record,) = read(SAMPLES[suffix].encode(), f"sample{PurePosixPath(suffix)}")
    assert isinstance(record, Record)


def test_stages_that_take_the_samples_are_sound() -> None:
    refuse_broken(finder(pair_annotator), ValueError("an article"))


def test_a_library_that_does_not_load_is_no_articles_fault() -> None:
    with pytest.raises(BrokenEnvironmentError, match=r"ffi\.so"):
        refuse_broken(finder(pair_annotator), ImportError("ffi.so: no such file"))
