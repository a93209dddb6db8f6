"""Files on disk: copies."""

import errno
import os
import resource
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl import durable


def unable(*_: object) -> int:
    raise OSError(errno.EXDEV, "between file systems")


@pytest.mark.parametrize("is_able", [True, False], ids=["in the system", "by hand"])
@given(content=st.binary(max_size=200), before=st.none() | st.binary(max_size=400), step=st.integers(1, 50))
def test_a_clone_has_the_bytes_of_its_source(
    tmp_path_factory: pytest.TempPathFactory, is_able: bool, content: bytes, before: bytes | None, step: int
) -> None:
    folder = tmp_path_factory.mktemp("clone")
    source, target = folder / "source", folder / "target"
    source.write_bytes(content)
    if before is not None:
        target.write_bytes(before)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(durable, "CLONED_BYTES", step)
        if not is_able:
            patch.setattr(os, "copy_file_range", unable, raising=False)
        durable.clone(source, target)
    assert target.read_bytes() == source.read_bytes() == content


def test_a_full_disk_is_told_of_the_copy_not_of_its_source(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"x" * 100)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, before[1]))
    try:
        with pytest.raises(OSError, match="File too large") as raised:
            durable.clone(tmp_path / "source", tmp_path / "target")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.filename == str(tmp_path / "target")


def test_what_is_not_there_is_not_cloned(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        durable.clone(tmp_path / "nothing", tmp_path / "target")
