"""The wheel holds all that a build needs: installed by itself, outside the repository, it builds the examples."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.flows.conftest import EXAMPLES

ROOT = Path(__file__).parents[1]
#: What a wheel is made from.
PARTS = ("etl", "flows", "ontherecord", "warehouse", "pyproject.toml", "README.md", "LICENSE")


def run(*command: object, within: Path) -> str:
    """Run a program in a folder; what it prints."""
    done = subprocess.run([*map(str, command)], cwd=within, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_builds_the_examples_outside_the_repository(tmp_path: Path) -> None:
    source, place = tmp_path / "source", tmp_path / "venv"
    source.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", *(["data"] if part == "warehouse" else []))
            shutil.copytree(ROOT / part, source / part, ignore=ignored)
        else:
            shutil.copyfile(ROOT / part, source / part)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, source, within=tmp_path)
    [wheel] = tmp_path.glob("*.whl")

    venv.create(place, with_pip=False, symlinks=True)
    site = place / "lib" / Path(sysconfig.get_path("purelib")).relative_to(Path(sys.prefix) / "lib")
    # The dependencies are those of this environment; its own .pth files, that of the editable install among them, do not count.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    run(*pip, "--python", place / "bin" / "python", "install", "--no-deps", wheel, within=tmp_path)

    where = run(
        place / "bin" / "python", "-c", "import etl, flows; print(etl.__file__, flows.__file__)", within=tmp_path
    )
    assert all(Path(each).is_relative_to(site) for each in where.split())
    program, root = place / "bin" / "ontherecord", tmp_path / "warehouse"
    run(program, "build", EXAMPLES, "--direct", "--workers", 1, "--warehouse", root, within=tmp_path)
    counted = run(program, "sql", "SELECT count(*) AS n FROM article", "--csv", "--warehouse", root, within=tmp_path)
    assert counted.split() == ["n", "14"]
    assert run(program, "sql", "--example", "who_said_most", "--csv", "--warehouse", root, within=tmp_path)
