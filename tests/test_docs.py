"""What the pages say exists, exists; and every command, option, setting and page of the docs is spoken of."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from etl.config import Config, Source
from etl.store import paths
from flows.cli import app
from tests.reference import DOCS, PAGES
from tests.trust.kit import named_by_docs

ROOT = DOCS.parent
HAND_WRITTEN = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in sorted(DOCS.glob("*.md")) if page.name not in PAGES),
]
#: A call of the command line in prose or in a block: from the program's name to what ends it.
CALL = re.compile(r"(?:(?<=[\s`(])|^)ontherecord ([a-z][a-z-]*)([^`|#)\n]*)", re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


def named(text: str) -> Iterator[tuple[str, set[str]]]:
    """The commands that a page names, each with the options named beside it."""
    for block in re.findall(
        r"^```(?:sh|bash)?\n(.*?)^```|((?:^    .*\n)+)|(`[^`\n]+`)", text, re.MULTILINE | re.DOTALL
    ):
        for command, rest in CALL.findall("".join(block)):
            yield command, set(OPTION.findall(re.sub(r'"[^"]*"', "", rest)))


def group() -> dict[str, TyperCommand]:
    found = get_command(app)
    assert isinstance(found, TyperGroup)
    commands = {name: command for name, command in found.commands.items() if isinstance(command, TyperCommand)}
    assert len(commands) == len(found.commands)
    return commands


@pytest.mark.parametrize("name", PAGES)
def test_the_generated_pages_are_fresh(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run make docs"


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.name)
def test_every_command_and_option_that_a_page_names_exists(page: Path) -> None:
    commands = group()
    for command, options in named(page.read_text(encoding="utf-8")):
        assert command in commands, f"{page.name}: there is no command {command}"
        known = {
            option for parameter in commands[command].params for option in (*parameter.opts, *parameter.secondary_opts)
        } | {"--help"}
        assert options <= known, f"{page.name}: {command} has no {sorted(options - known)}"


def test_the_pages_name_commands_at_all() -> None:
    found = {command for page in HAND_WRITTEN for command, _ in named(page.read_text(encoding="utf-8"))}
    assert found >= {"build", "sql", "rollback", "redact", "evaluate"}


def test_every_command_is_spoken_of_by_hand() -> None:
    said = "\n".join(page.read_text(encoding="utf-8") for page in HAND_WRITTEN)
    assert [name for name in group() if f"ontherecord {name}" not in said] == []


def test_every_setting_is_in_the_example_and_every_key_of_it_is_a_setting() -> None:
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    fields = tomllib.loads(example)
    Config.model_validate(fields)
    assert set(fields) == set(Config.model_fields)
    assert {key for source in fields["source"] for key in source} == set(Source.model_fields)


def test_every_part_of_the_warehouse_directory_is_listed() -> None:
    laid_out = set(re.findall(r"^    ([\w.]+)", str(paths.__doc__), re.MULTILINE))
    assert {"current", "pushes", "tombstones.jsonl"} < laid_out
    assert {name.partition("/")[0] for name in named_by_docs()} == laid_out


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.name)
def test_every_file_and_target_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)|^    make ([a-z-]+)", text, re.MULTILINE)) <= {
        pair for target in targets for pair in ((target, ""), ("", target))
    }
    for path in re.findall(r"`((?:etl|flows|tests|warehouse)/[\w./-]*)`", text):
        assert (ROOT / path).exists() or path == "warehouse/data", f"{page.name}: {path}"
    for module in re.findall(r"python -m ((?:etl|flows|tests)\.[\w.]+)", text):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists(), f"{page.name}: {module}"


def test_the_readme_leads_to_every_page() -> None:
    said = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in sorted(DOCS.glob("*.md")) if f"](docs/{page.name})" not in said] == []
