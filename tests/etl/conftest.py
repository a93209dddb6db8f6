import pytest

from etl.model.annotate import Annotator


@pytest.fixture(scope="session")
def annotator() -> Annotator:
    return Annotator()
