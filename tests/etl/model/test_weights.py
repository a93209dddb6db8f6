"""The language model that is installed is the one that docs/bundled-data.md describes."""

import re
import sys
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest

from etl.model.annotate import PACKAGES, model_version, package_of

DOCS = Path(__file__).parents[3] / "docs" / "bundled-data.md"


def test_the_weights_are_those_that_were_looked_at() -> None:
    listed = dict(re.findall(r"^\| `(\S+)` \| `([0-9a-f]{64})` \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(listed) == 5
    package = import_module(package_of("en_core_web_sm"))
    (folder,) = Path(str(package.__file__)).parent.glob("*-3.8.0")
    assert {name: sha256((folder / name).read_bytes()).hexdigest() for name in listed} == listed


def test_the_official_package_is_used_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert package_of("en_core_web_sm") == PACKAGES["en_core_web_sm"]
    before = model_version("en_core_web_sm")
    (tmp_path / "en_core_web_sm").mkdir()
    (tmp_path / "en_core_web_sm" / "__init__.py").touch()
    info = tmp_path / "en_core_web_sm-3.8.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: en_core_web_sm\nVersion: 3.8.0\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert package_of("en_core_web_sm") == "en_core_web_sm"
    assert model_version("en_core_web_sm") == before
