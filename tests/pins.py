"""Are pins newer than their users support? ``python -m tests.pins`` prints what it finds.

It looks for requirements that the installed distributions do not meet, with the extras that are asked for, which `pip check` leaves
out; and for deprecations that dependencies warn of while they are imported, serve Prefect and build: they may break next.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution, distributions, packages_distributions
from pathlib import Path
from unittest import mock

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = "ontherecord"
KINDS = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
#: A warning as Python prints it: the file and line it is about, its kind (one of those, or a kind of one), its text.
WARNING = re.compile(r"^(\S+?):\d+: (\w*(?:Warning|Deprecated)\w*): (.+)$", re.MULTILINE)
EXAMPLES = Path(__file__).parent / "examples" / "articles"


def requirements(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What a distribution requires here, with these extras."""
    for text in distribution(name).requires or ():
        each = Requirement(text)
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield each


def our_extras() -> frozenset[str]:
    """The extras of ours that are pinned: all but those of training the encoder."""
    return frozenset(distribution(OURS).metadata.get_all("Provides-Extra") or ()) - {"encoder"}


def installed() -> dict[str, str]:
    """The version of each installed distribution."""
    return {canonicalize_name(each.metadata["Name"]): each.version for each in distributions()}


def pinned(constraints: Path) -> dict[str, str]:
    """The version of each distribution that a file pins for this Python."""
    text = constraints.read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [Requirement(line.partition(" --hash")[0]) for line in text.splitlines()]
    here = [each for each in pins if each.marker is None or each.marker.evaluate()]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in here}


def unmet(versions: Mapping[str, str], extras: frozenset[str]) -> list[str]:
    """Requirements of ours and of what we require, all the way down, that these versions do not meet."""
    todo: list[tuple[str, frozenset[str]]] = [(OURS, extras)]
    done, wrong = set(), []
    while todo:
        user = todo.pop()
        if user in done:
            continue
        done.add(user)
        for each in requirements(*user):
            name = canonicalize_name(each.name)
            if name in versions and each.specifier.contains(versions[name], prereleases=True):
                todo.append((name, frozenset(each.extras)))
            else:
                wrong.append(f"{user[0]} requires {each}, but its version is {versions.get(name, 'none')}")
    return wrong


def deprecations() -> Counter[str]:
    """What our dependencies warn of, by who is warned and why."""
    ours = {canonicalize_name(each.name) for each in requirements(OURS, our_extras())}
    modules = [
        module for module, names in packages_distributions().items() if ours & set(map(canonicalize_name, names))
    ]
    warning = ",".join(f"always::{kind}" for kind in KINDS)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"PYTHONWARNINGS": warning}):
        said = "".join(_said(sys.executable, "-c", f"import {module}") for module in modules if module.isidentifier())
        said += _of_a_build(Path(folder))
    found = {match.group(0): match for match in WARNING.finditer(said)}
    return Counter(f"{_package(path)}: {text}" for path, _, text in (match.groups() for match in found.values()))


def _of_a_build(folder: Path) -> str:
    """What a Prefect server and a build that reports to it say."""
    from tests.services.conftest import serving

    with serving(folder):
        command = [str(Path(sys.executable).with_name(OURS)), "build", str(EXAMPLES), "--warehouse", str(folder / "w")]
        said = _said(*command)
    return said + (folder / "log").read_text()


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600).stderr


def _package(path: str) -> str:
    """The package of a file of an installed distribution."""
    return path.rpartition("site-packages/")[2].split("/")[0]


def main() -> int:
    """Print both."""
    wrong = unmet(installed(), our_extras())
    for line in wrong:
        sys.stdout.write(f"{line}\n")
    for warning, n in deprecations().most_common():
        sys.stdout.write(f"{n:4} {warning}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
