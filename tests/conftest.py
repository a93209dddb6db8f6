from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import settings

#: A busy machine is no defect.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")


@pytest.fixture(scope="session", autouse=True)
def no_power_fails() -> Iterator[None]:
    """Builds in the tests' own process do not wait for the disk, which takes as long as the rest."""
    with mock.patch("os.fsync"):
        yield
