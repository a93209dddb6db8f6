"""The request for a build: one declaration for the command line, the flow's parameters and the direct call."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self, TypedDict

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class BuildRequest(BaseModel):
    """The options of a build.

    The field descriptions are the help of `ontherecord build` and of the flow's parameters in Prefect's UI.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    warehouse: Annotated[Path, AfterValidator(Path.resolve), Field(description="The warehouse's directory.")]
    sources: Annotated[
        tuple[Path, ...], Field(description="Folders or files of news text; default: all listed sources.")
    ] = ()
    name: Annotated[
        str | None, Field(description="The name of the source, if one is given; default: the folder's.")
    ] = None
    workers: Annotated[int, Field(ge=0, description="Worker processes; 0: one per core.")] = 0
    runner: Annotated[
        Literal["local", "dask"],
        Field(description="Who extracts: worker processes on this machine, or a Dask cluster (the extra dask)."),
    ] = "local"
    scheduler: Annotated[
        str | None,
        Field(description="The Dask scheduler's address, such as tcp://host:8786; none: a cluster on this machine."),
    ] = None
    model: Annotated[
        str | None,
        Field(
            description="An installed spaCy pipeline, which is saved in the configuration; default: the configured one."
        ),
    ] = None
    full: Annotated[bool, Field(description="Extract every file again.")] = False
    dry_run: Annotated[bool, Field(description="Only list what would be done.")] = False
    allow_removals: Annotated[bool, Field(description="Allow the loss of more than a tenth of a source.")] = False
    retry_rejected: Annotated[bool, Field(description="Extract files with rejections again.")] = False
    allow: Annotated[
        tuple[str, ...], Field(description="A check whose findings are allowed; recorded with the run.")
    ] = ()
    since: Annotated[
        date | None,
        Field(
            description="Extract only files of this date (YYYY-MM-DD) or later, by the dates of publication of their articles; new "
            "files and files without such a date by the time of modification. Other files keep their rows."
        ),
    ] = None
    until: Annotated[
        date | None, Field(description="Extract only files of this date or earlier, determined as for since.")
    ] = None
    only_stale: Annotated[
        bool,
        Field(
            description="Extract only files whose rows were made by another version, model or option; no new or edited files."
        ),
    ] = False
    slice: Annotated[int, Field(ge=0, description="Publish after each slice of this many files; 0: all at once.")] = 0
    wait: Annotated[float, Field(ge=0, description="Seconds to wait for another build to end.")] = 0
    authority: Annotated[
        tuple[Path, ...], Field(description="A CSV file of decisions about names, which is saved in the configuration.")
    ] = ()
    corrections: Annotated[
        tuple[Path, ...], Field(description="A CSV file of corrections of single rows; it is used from now on.")
    ] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse contradictions, and what would never end."""
        if self.since and self.until and self.since > self.until:
            raise ValueError("since is later than until")
        if self.full and (self.since or self.until or self.only_stale or self.slice):
            raise ValueError("full extracts every file: leave out since, until, only_stale and slice")
        if self.scheduler and self.runner != "dask":
            raise ValueError("scheduler is Dask's; it needs runner dask")
        if self.retry_rejected and self.slice:
            raise ValueError("retry_rejected would extract the same files in every slice: leave out slice")
        return self


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
