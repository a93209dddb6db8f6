"""The request for a build: one declaration for the command line, the flow's parameters and the direct call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal, Self, TypedDict


def _help(description: str, **constraints: float) -> dict[str, object]:
    return {"description": description, **constraints}


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """The options of a build. Values from outside go through `of`, which converts and validates them.

    The metadata is pydantic's, by its names: descriptions are the help of `ontherecord build` and of the flow's parameters in
    Prefect's UI. The class itself is plain, because importing pydantic takes longer than `ontherecord --help` may.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    warehouse: Path = field(metadata=_help("The warehouse's directory."))
    sources: tuple[Path, ...] = field(
        default=(), metadata=_help("Folders or files of news text; default: all listed sources.")
    )
    name: str | None = field(
        default=None,
        metadata=_help("The name of the source, if one is given; default: the folder's.", min_length=1),
    )
    workers: int = field(default=0, metadata=_help("Worker processes; 0: one per core.", ge=0))
    runner: Literal["local", "dask"] = field(
        default="local",
        metadata=_help(
            "Where files are extracted: in worker processes on this machine, or on a Dask cluster (the extra dask)."
        ),
    )
    scheduler: str | None = field(
        default=None,
        metadata=_help(
            "The Dask scheduler's address, such as tcp://host:8786; none: a cluster on this machine.", min_length=1
        ),
    )
    model: str | None = field(
        default=None,
        metadata=_help(
            "A directory with an encoder, saved in the configuration; default: the configured one, or else built-in.",
            min_length=1,
        ),
    )
    full: bool = field(default=False, metadata=_help("Extract every file again."))
    dry_run: bool = field(default=False, metadata=_help("Only list what would be done."))
    allow_removals: bool = field(default=False, metadata=_help("Allow the loss of more than a tenth of a source."))
    retry_rejected: bool = field(default=False, metadata=_help("Extract files with rejections again."))
    allow: tuple[str, ...] = field(
        default=(), metadata=_help("A check whose findings are allowed; recorded with the run.")
    )
    since: date | None = field(
        default=None,
        metadata=_help(
            "Extract only files of this date (YYYY-MM-DD) or later, by the dates of publication of their articles; "
            "new files and files without such a date by the time of modification. Other files keep their rows."
        ),
    )
    until: date | None = field(
        default=None, metadata=_help("Extract only files of this date or earlier, determined as for since.")
    )
    only_stale: bool = field(
        default=False,
        metadata=_help(
            "Extract only files whose rows were made by another version, model or option; no new or edited files."
        ),
    )
    slice: int = field(default=0, metadata=_help("Publish after each slice of this many files; 0: all at once.", ge=0))
    wait: float = field(default=0, metadata=_help("Seconds to wait for another build to end.", ge=0))
    authority: tuple[Path, ...] = field(
        default=(), metadata=_help("A CSV file of decisions about names, which is saved in the configuration.")
    )
    corrections: tuple[Path, ...] = field(
        default=(), metadata=_help("A CSV file of corrections of single rows, which is saved in the configuration.")
    )

    def __post_init__(self) -> None:
        """Make the warehouse absolute. Refuse contradictions, and what would never end."""
        object.__setattr__(self, "warehouse", self.warehouse.resolve())
        if self.since and self.until and self.since > self.until:
            raise ValueError("since is later than until")
        if self.full and (self.since or self.until or self.only_stale or self.slice):
            raise ValueError("full extracts every file: leave out since, until, only_stale and slice")
        if self.scheduler and self.runner != "dask":
            raise ValueError("scheduler is Dask's; it needs runner dask")
        if self.retry_rejected and self.slice:
            raise ValueError("retry_rejected would extract the same files in every slice: leave out slice")

    @classmethod
    def of(cls, **options: object) -> Self:
        """A request with these options.

        Raises:
            ConfigError: when they are not valid; the message names each and what is wrong with it.
        """
        from etl.validation import validated

        return validated(cls, options, "build")


class BuildOptions(TypedDict, total=False):
    """The fields of `BuildRequest`, except warehouse and sources, as keywords of `ontherecord.build`. A test compares the two."""

    name: str | None
    workers: int
    runner: Literal["local", "dask"]
    scheduler: str | None
    model: str | None
    full: bool
    dry_run: bool
    allow_removals: bool
    retry_rejected: bool
    allow: Sequence[str]
    since: date | None
    until: date | None
    only_stale: bool
    slice: int
    wait: float
    authority: Sequence[Path | str]
    corrections: Sequence[Path | str]
