"""The systemd units of the documentation, checked by systemd itself."""

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("unit", ["ontherecord.service", "prefect-server.service"])
def test_systemd_takes_the_unit(unit: str, tmp_path: Path) -> None:
    text = (DOCS / unit).read_text().replace("/opt/ontherecord/.venv/bin", str(Path(sys.executable).parent))
    (tmp_path / unit).write_text(text)
    done = subprocess.run(
        ["/usr/bin/systemd-analyze", "verify", f"./{unit}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
