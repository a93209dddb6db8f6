from tests.flows.conftest import prefect_home

__all__ = ["prefect_home"]
