import signal
from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import settings

import etl  # noqa: F401  # before any test imports ONNX Runtime, which would send usage data

#: A busy machine is no defect.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell has what it starts in the background ignore Ctrl-C, and all that is started from there; some tests send it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def no_power_fails() -> Iterator[None]:
    """Builds in the tests' own process do not wait for the disk, which takes as long as the rest."""
    with mock.patch("os.fsync"):
        yield
