"""The contract of versions: a digest of each stage's sources and data, pinned beside its VERSION.

A row is extracted again when the VERSION of a stage that made it has changed, so a change of what a stage does must raise it.
``python -m tests.versions`` pins the digests of stages whose VERSION was raised. ``--same-rows STAGE`` pins one whose VERSION
stays: only for a change that cannot alter a row, such as a renaming.
"""

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from etl import corrections
from etl.entities import resolve
from etl.extract.versions import EXTRACTOR, PARSER
from etl.store import quotations, stories, utterances

ROOT = Path(__file__).parents[1]
PINS = ROOT / "tests" / "versions.json"
#: What each stage consists of, below ``etl/``; a path that begins with ``!`` is left out, as it makes no row of an article.
STAGES: dict[str, tuple[str, ...]] = {
    "sources": ("sources", "!sources/scan.py"),
    "page": ("page", "path_pattern.py", "text.py"),
    "rows": ("extract/article.py", "extract/rows.py", "ids.py"),
    "knowledge": ("knowledge",),
    "model": ("model",),
    "entities": ("entities", "!entities/resolve.py", "!entities/authority.py"),
    "quotes": ("quotes",),
    "resolve": ("entities/resolve.py", "entities/authority.py", "entities/spelling.py"),
    "stories": ("store/stories.py",),
    "quotations": ("store/quotations.py",),
    "utterances": ("store/utterances.py",),
    "corrections": ("corrections/anchor.py", "corrections/apply.py", "corrections/file.py", "spans.py"),
}
#: Where each stage's VERSION stands.
VERSIONED: dict[str, Any] = {
    **PARSER,
    **EXTRACTOR,
    "resolve": resolve,
    "stories": stories,
    "quotations": quotations,
    "utterances": utterances,
    "corrections": corrections,
}
#: What a new VERSION of a stage costs.
COST = {
    **dict.fromkeys(EXTRACTOR, "quotes and mentions of every article are extracted again"),
    **dict.fromkeys(PARSER, "every article is read, parsed and annotated again"),
    "resolve": "names are resolved across articles again; no article is read",
    "stories": "articles are grouped again; no article is read",
    "quotations": "quotations are found again; no article is read",
    "utterances": "the utterance table is written again; no article is read",
    "corrections": "articles with corrections are corrected again; none is extracted",
}


@dataclass(frozen=True, slots=True)
class Pin:
    """A stage's VERSION and the digest of its sources and data."""

    version: str
    digest: str


def files(stage: str) -> Iterator[Path]:
    """The sources and data of a stage, in order."""
    etl = ROOT / "etl"
    left_out = {etl / path[1:] for path in STAGES[stage] if path.startswith("!")}
    for path in sorted(etl / path for path in STAGES[stage] if not path.startswith("!")):
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and file not in left_out and "__pycache__" not in file.parts and file.suffix != ".md":
                yield file


def content(path: Path) -> bytes:
    """What counts of a file: of code, all but comments, docstrings, layout and the VERSION; of data, everything."""
    if path.suffix != ".py":
        return path.read_bytes()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [statement for statement in body if not _is_silent(statement)]  # type: ignore[attr-defined]  # as all nodes with a docstring have
    return _outline(tree).encode()


def _outline(node: object) -> str:
    """A syntax tree as text, the same under every version of Python: `ast.dump` shows empty fields under some only, and Python 3.12
    ends some f-strings with an empty piece.
    """
    if isinstance(node, ast.JoinedStr):
        return f"JoinedStr({_outline([piece for piece in node.values if getattr(piece, 'value', None) != ''])})"
    if isinstance(node, ast.AST):
        fields = [f"{name}={_outline(value)}" for name, value in ast.iter_fields(node) if value not in (None, [])]
        return f"{type(node).__name__}({', '.join(fields)})"
    return f"[{', '.join(map(_outline, node))}]" if isinstance(node, list) else repr(node)


def _is_silent(statement: ast.stmt) -> bool:
    """Whether a statement is a bare string or sets VERSION."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return isinstance(statement.value.value, str)
    targets = statement.targets if isinstance(statement, ast.Assign) else ()
    return any(isinstance(target, ast.Name) and target.id == "VERSION" for target in targets)


def pin(stage: str) -> Pin:
    """A stage as it is now."""
    digest = sha256()
    for path in files(stage):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + content(path) + b"\0")
    return Pin(VERSIONED[stage].VERSION, digest.hexdigest()[:20])


def pinned() -> dict[str, Pin]:
    """The stages as they were when they were last pinned."""
    return {stage: Pin(**fields) for stage, fields in json.loads(PINS.read_text(encoding="utf-8")).items()}


def complaint(stage: str, was: Pin | None, now: Pin) -> str | None:
    """What is wrong with a stage that changed and kept its VERSION, or was not pinned since; None if all is well."""
    if was == now:
        return None
    again = f"then run `make versions`; at the next build {COST[stage]}"
    if was is None or was.version != now.version:
        return f"stage {stage!r} has a new VERSION {now.version}: run `make versions`"
    return (
        f"stage {stage!r} changed ({', '.join(STAGES[stage])}) and its VERSION is still {now.version}. "
        f"If a row may differ, raise VERSION, {again}. If no row can differ, run "
        f"`python -m tests.versions --same-rows {stage}`"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Pin every stage that may be pinned."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--same-rows", action="append", default=[], choices=STAGES, metavar="STAGE")
    same_rows = parser.parse_args(arguments).same_rows
    before = pinned() if PINS.exists() else {}
    pins = {stage: pin(stage) for stage in STAGES}
    for stage, now in pins.items():
        was = before.get(stage)
        if was and was.version == now.version and was != now and stage not in same_rows:
            sys.exit(str(complaint(stage, was, now)))
    PINS.write_text(json.dumps({stage: asdict(now) for stage, now in pins.items()}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
