"""The encoders on this machine: where their files are, and which version they are. Loads none of them."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from etl.choices import DEFAULT_MODEL
from etl.knowledge import DATA

#: The files of an encoder, in one directory.
WEIGHTS_FILE, TOKENIZER_FILE = "encoder.onnx", "tokenizer.json"
#: Beside the files that ship with the package: their SHA-256, as ``sha256sum`` prints and checks it.
SUMS_FILE = "SHA256SUMS"
#: How many digits of a hash tell one encoder from another.
HASH_DIGITS = 12


def directory_of(model: str) -> Path:
    """Where an encoder's files are: those that ship with the package, or a directory."""
    return DATA / "encoder" if model == DEFAULT_MODEL else Path(model)


def is_installed(model: str) -> bool:
    """Whether there is an encoder of this name or path. Does not check that it loads."""
    return all((directory_of(model) / name).is_file() for name in (WEIGHTS_FILE, TOKENIZER_FILE))


@cache
def model_version(model: str) -> str:
    """The model's name and the hash of its files; its name alone where they are missing."""
    if not is_installed(model):
        return model
    digest = sha256()
    for name in (WEIGHTS_FILE, TOKENIZER_FILE):
        digest.update((directory_of(model) / name).read_bytes())
    return f"{model} {digest.hexdigest()[:HASH_DIGITS]}"


def altered(directory: Path) -> list[Path]:
    """The files of an encoder whose SHA-256 is not the one that `SUMS_FILE` states. Those it does not state are not checked."""
    sums = directory / SUMS_FILE
    lines = sums.read_text(encoding="utf-8", errors="replace").splitlines() if sums.is_file() else []
    # Before a name is a space, or "*" if the file was read as binary.
    stated = {name[1:]: digest.lower() for digest, _, name in (line.partition(" ") for line in lines)}
    checked = [(directory / name, stated[name]) for name in (WEIGHTS_FILE, TOKENIZER_FILE) if name in stated]
    return [path for path, digest in checked if sha256(path.read_bytes()).hexdigest() != digest]
