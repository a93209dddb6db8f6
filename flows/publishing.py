"""Make the publication of a warehouse: its configuration with the checks and views."""

from collections.abc import Callable, Collection
from typing import TypeVar

import warehouse
from etl.config import Config, load_config
from etl.corrections.file import read_corrections
from etl.entities.authority import read_authority
from etl.store.audit import all_checks
from etl.store.paths import Layout
from etl.store.publication import Publication, Step

T = TypeVar("T")


def plainly(name: str, step: Callable[[], T], /) -> T:
    """Call a step directly."""
    return step()


def publication(
    layout: Layout, config: Config | None = None, allow: Collection[str] = (), step: Step = plainly
) -> Publication:
    """The publication of a warehouse, with its own configuration unless another is given.

    Raises:
        ConfigError: when the configuration, a file that it lists or a check cannot be read, or ``allow`` has an unknown name.
    """
    config = config or load_config(layout.config)
    authority = read_authority(*config.authority)
    corrections = read_corrections(config.corrections, authority.rows)
    checks = all_checks(warehouse.CHECKS, layout.checks)
    return Publication(layout, config, authority, corrections, checks, warehouse.views(), allow, step)
