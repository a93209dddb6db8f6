"""The fingerprint of everything that determines an article's rows: machines with equal fingerprints produce equal rows."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from etl import schema
from etl.extract.versions import library_versions
from etl.knowledge import DATA
from etl.model.installed import model_version

CODE = Path(schema.__file__).parent
#: Hexadecimal digits of a hash: enough to distinguish versions, and still readable.
DIGITS = 12


@cache
def fingerprint(model: str) -> Mapping[str, str]:
    """The versions of the libraries and the hashes of the code, the data files and the model, by name.

    Cached for the life of the process: files that are replaced later do not count, since the old ones are loaded.
    """
    return {
        **library_versions(),
        "code": _digest(CODE.rglob("*.py"), CODE),
        "data files": _digest(DATA.rglob("*"), DATA),
        "model": model_version(model),
    }


def _digest(paths: Iterable[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(f"{path.relative_to(root).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:DIGITS]
