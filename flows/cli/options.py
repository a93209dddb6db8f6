"""Options shared by several commands."""

import functools
import re
import shlex
from collections.abc import Callable, Collection
from dataclasses import Field, fields
from datetime import date, datetime, timedelta
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

import typer

import warehouse
from etl.errors import ConfigError
from flows.request import BuildRequest

if TYPE_CHECKING:
    from etl.store.paths import Layout

KEYWORD = Parameter.KEYWORD_ONLY


def path_of(text: str | Path) -> Path:
    """Parse a path. An empty one would mean the current directory: what an unset variable of a shell script gives.

    Raises:
        BadParameter: when it is empty.
    """
    if not str(text):
        raise typer.BadParameter("the path is empty; use . for the current directory")
    return Path(text)


def folder_of(text: str | Path) -> Path:
    """Parse the path of a directory, which need not exist.

    Raises:
        BadParameter: when it is empty or that of a file.
    """
    path = path_of(text)
    if path.exists() and not path.is_dir():
        raise typer.BadParameter(f"{path} is not a directory; name another")
    return path


DEFAULT_ROOT = warehouse.DEFAULT_ROOT
Root = Annotated[
    Path,
    typer.Option(
        "--warehouse",
        "-w",
        parser=folder_of,
        envvar=warehouse.ROOT_VARIABLE,
        help=f"The warehouse's directory.  [default: {DEFAULT_ROOT}]",
        show_default=False,
    ),
]
#: The most rows that may be asked for: what every library takes for a number.
MOST = 2**31 - 1
Model = Annotated[str, typer.Option(help="A directory with an encoder, or built-in.")]


def warehouse_option(root: Path) -> str:
    """The option that names a warehouse in a command to copy; empty for the default one."""
    return "" if root.resolve() == DEFAULT_ROOT.resolve() else f" --warehouse {shlex.quote(str(root))}"


def published_layout(root: Path) -> "Layout":
    """The layout of a warehouse with a published snapshot, so that a command writes nothing into any other folder.

    Raises:
        NothingPublishedError: when nothing is published there.
    """
    from etl.store.paths import Layout
    from warehouse.reader import NothingPublishedError

    layout = Layout(root.resolve())
    if layout.published() is None:
        raise NothingPublishedError(f"nothing is published in {root}; is that the warehouse's directory?")
    return layout


#: The units of a duration, in seconds.
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(text: str) -> timedelta:
    """Parse a duration such as '90s', '15m', '26h' or '2d'.

    Raises:
        ConfigError: when it is not valid, or zero.
    """
    match = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if not match or not int(match[1]):
        raise ConfigError(f"{text!r} is not a duration; write it like 90s, 15m, 26h or 2d")
    return timedelta(seconds=int(match[1]) * UNITS[match[2]])


def with_request(without: Collection[str] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add an option to a command for each field of `BuildRequest` except some. The command is called with the ``request``."""
    types = get_type_hints(BuildRequest)
    asked = [_parameter(each, types[each.name]) for each in fields(BuildRequest) if each.name not in without]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [
            p.replace(kind=KEYWORD) for n, p in signature(command, eval_str=True).parameters.items() if n != "request"
        ]

        @functools.wraps(command)
        def run(**given: object) -> None:
            options = {parameter.name: given.pop(parameter.name) for parameter in asked}
            try:
                request = BuildRequest.of(**options)
            except ConfigError as error:
                raise typer.BadParameter(str(error)) from None
            command(request=request, **given)

        run.__signature__ = Signature([*asked, *own])  # type: ignore[attr-defined]  # what typer reads
        run.__annotations__ = {p.name: p.annotation for p in (*asked, *own)}
        return run

    return decorate


#: How an option that is a day is read and shown.
DAY: dict[str, Any] = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}


def _parameter(field: Field[Any], type_: Any) -> Parameter:  # noqa: ANN401  # any type that an option may have
    """A field as a parameter for typer: the sources are arguments, all others are options."""
    name, told = field.name, field.metadata["description"]
    if name == "warehouse":
        return Parameter(name, KEYWORD, default=DEFAULT_ROOT, annotation=Root)
    is_day = type_ == date | None
    # Typer takes a list for several values; the request has an immutable tuple.
    is_many = get_origin(type_) is tuple
    parser = path_of if is_many and get_args(type_)[0] is Path else None
    option = typer.Option(f"--{name.replace('_', '-')}", help=told, parser=parser, **(DAY if is_day else {}))
    shown = typer.Argument(help=told, show_default=False, parser=parser) if name == "sources" else option
    given: Any = list[get_args(type_)[0]] if is_many else datetime | None if is_day else type_  # type: ignore[misc]  # made at run time
    default = [] if is_many else field.default
    return Parameter(name, KEYWORD, default=default, annotation=Annotated[given, shown])
