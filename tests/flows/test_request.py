"""One declaration of what is asked of a build serves the command line, the flow and the direct call."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest
from pydantic_core import to_jsonable_python
from typer.testing import CliRunner

from etl.errors import ConfigError
from flows.cli import app
from flows.cli.options import with_request
from flows.request import BuildOptions, BuildRequest


def test_paths_may_be_text_and_the_warehouse_is_absolute() -> None:
    asked = BuildRequest.of(warehouse="here", sources=["news"], authority=["people.csv"])
    assert asked.warehouse == Path.cwd() / "here"
    assert asked.sources == (Path("news"),)
    assert asked.authority == (Path("people.csv"),)


@pytest.mark.parametrize("wrong", [{"workers": -1}, {"wait": -0.1}, {"worker": 1}, {"full": "perhaps"}])
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        BuildRequest.of(warehouse="here", **wrong)


@pytest.mark.slow
def test_the_flow_shows_every_field_with_its_description() -> None:
    from flows.flow import build

    schema = build.parameters.model_dump()
    shown = schema["definitions"]["BuildRequest"]["properties"]
    assert {name: field["description"] for name, field in shown.items()} == {
        field.name: field.metadata["description"] for field in fields(BuildRequest)
    }


def test_the_flow_takes_what_a_deployment_stores() -> None:
    from flows.flow import build

    asked = BuildRequest.of(warehouse="here", sources=["news"], allow=["sudden_drop"], full=True)
    assert build.validate_parameters({"request": to_jsonable_python(asked)}) == {"request": asked}


def test_every_field_is_an_option_with_its_description() -> None:
    said = " ".join(CliRunner().invoke(app, ["build", "--help"], env={"COLUMNS": "300"}).stdout.split())
    for field in fields(BuildRequest):
        assert field.name == "sources" or f"--{field.name.replace('_', '-')}" in said
        assert field.metadata["description"] in said


def test_a_command_line_makes_the_request_it_says(tmp_path: Path) -> None:
    import typer

    made: list[BuildRequest] = []
    command = typer.Typer()

    @command.command()
    @with_request(without=("name",))
    def keep(request: BuildRequest) -> None:
        made.append(request)

    given = ["news", "wire", "-w", str(tmp_path), "--full", "--allow", "a", "--allow", "b", "--wait", "1.5"]
    assert CliRunner().invoke(command, given).exit_code == 0
    assert made == [
        BuildRequest.of(warehouse=tmp_path, sources=["news", "wire"], full=True, allow=["a", "b"], wait=1.5),
    ]
    assert CliRunner().invoke(command, ["--workers", "-1"]).exit_code == 2


def test_the_library_takes_every_option_by_name_and_type() -> None:
    loose: dict[object, object] = {tuple[Path, ...]: Sequence[Path | str], tuple[str, ...]: Sequence[str]}
    types = get_type_hints(BuildRequest)
    asked = {field.name: types[field.name] for field in fields(BuildRequest)}
    del asked["warehouse"], asked["sources"]  # arguments of their own
    assert get_type_hints(BuildOptions) == {name: loose.get(type_, type_) for name, type_ in asked.items()}
