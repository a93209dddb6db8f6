"""Imports run one way: each package may import those it is built on, and nothing runs in a circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What stands under everything: modules at the top of ``etl`` and what is known before an article is read.
GROUND = {
    "etl.choices",
    "etl.errors",
    "etl.durable",
    "etl.ids",
    "etl.text",
    "etl.path_pattern",
    "etl.csv_rows",
    "etl.json_lines",
    "etl.spans",
    "etl.validation",
    "etl.knowledge",
}
BASE = {*GROUND, "etl.schema", "etl.config"}
#: For each room, the rooms it may import from.
ARROWS: dict[str, set[str]] = {
    "etl.choices": set(),
    "etl.errors": set(),
    "etl.durable": {"etl.errors"},
    "etl.ids": set(),
    "etl.text": set(),
    "etl.path_pattern": set(),
    "etl.validation": {"etl.errors"},
    "etl.csv_rows": {"etl.errors"},
    "etl.json_lines": {"etl.errors"},
    "etl.spans": set(),
    "etl.knowledge": {"etl.errors", "etl.text"},
    "etl.schema": GROUND,
    "etl.config": {*GROUND, "etl.schema"},
    "etl.sources": BASE,
    "etl.page": {*BASE, "etl.sources"},
    "etl.model": {*BASE, "etl.sources", "etl.page"},
    "etl.entities": {*BASE, "etl.sources", "etl.page", "etl.model"},
    "etl.quotes": {*BASE, "etl.sources", "etl.page", "etl.model", "etl.entities"},
    "etl.corrections": {*BASE, "etl.entities"},
    "etl.store": {*BASE, "etl.sources", "etl.page", "etl.model", "etl.entities", "etl.corrections"},
}
ARROWS["etl.extract"] = set(ARROWS)
ARROWS["etl.training"] = set(ARROWS)
ARROWS["warehouse"] = {
    "etl.choices",
    "etl.schema",
    "etl.errors",
    "etl.text",
    "etl.csv_rows",
    "etl.config",
    "etl.corrections",
    "etl.entities",
    "etl.store",
}
ARROWS["flows"] = set(ARROWS)
ARROWS["ontherecord"] = set(ARROWS)


def room(module: str) -> str:
    """The package, or the module at the top of ``etl``, that a module lies in."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "etl" else parts[0]


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the project that is shipped."""
    for top in ("etl", "flows", "ontherecord", "warehouse"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


def imports(path: Path) -> set[str]:
    """The project's own modules that a file imports when it is imported, or when it runs."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
            found |= inner or {node.module}
    return found & MODULES.keys()


GRAPH = {module: imports(path) - {module} for module, path in MODULES.items()}


def test_every_room_is_on_the_map() -> None:
    assert {room(module) for module in MODULES} - {"etl"} == set(ARROWS)


@pytest.mark.parametrize("module", sorted(GRAPH))
def test_arrows_run_one_way(module: str) -> None:
    here = room(module)
    allowed = ARROWS.get(here, set()) | {here}
    against = {target for target in GRAPH[module] if room(target) not in allowed}
    assert not against, f"{module} imports {sorted(against)}; {here} may import from {sorted(allowed)} only"


def test_nothing_runs_in_a_circle() -> None:
    TopologicalSorter(GRAPH).prepare()  # raises CycleError, which names the circle
