"""What is asked of a build: one declaration for the command line, the flow's parameters and the direct call."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class BuildRequest(BaseModel):
    """What a person, a schedule or a program asks of a build.

    The field descriptions are the help of `ontherecord build` and of the flow's parameters in Prefect's UI.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    warehouse: Annotated[Path, AfterValidator(Path.resolve), Field(description="The warehouse's directory.")]
    sources: Annotated[
        tuple[Path, ...], Field(description="Folders or files of news text; none: all sources that are listed.")
    ] = ()
    name: Annotated[str | None, Field(description="The name of the one source given; none: the folder's.")] = None
    workers: Annotated[int, Field(ge=0, description="Worker processes; 0: one for each core.")] = 0
    model: Annotated[
        str | None, Field(description="An installed spaCy pipeline, used from now on; none: the configured one.")
    ] = None
    full: Annotated[bool, Field(description="Extract every file again.")] = False
    dry_run: Annotated[bool, Field(description="Say what there is to do, and do nothing.")] = False
    allow_removals: Annotated[bool, Field(description="Allow the loss of more than a tenth of a source.")] = False
    retry_rejected: Annotated[bool, Field(description="Extract files again of which something was rejected.")] = False
    allow: Annotated[
        tuple[str, ...], Field(description="Publish whatever this check finds; it is recorded with the run.")
    ] = ()
    wait: Annotated[float, Field(ge=0, description="Seconds to wait for another build to end.")] = 0
    authority: Annotated[
        tuple[Path, ...], Field(description="A CSV file that says who is who; it is used from now on.")
    ] = ()
