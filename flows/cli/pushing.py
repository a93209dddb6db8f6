"""Publishing to a store elsewhere."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import DEFAULT_ROOT, Root, published_layout
from flows.cli.printing import say

if TYPE_CHECKING:
    from etl.store.paths import Layout
    from etl.store.push import Destination


def push(
    url: Annotated[str, typer.Argument(help="Where to, such as s3://bucket/prefix.", show_default=False)],
    endpoint: Annotated[
        str | None,
        typer.Option(
            envvar=["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
            help="The address of a store that is not Amazon's, such as https://minio.example:9000.",
        ),
    ] = None,
    root: Root = DEFAULT_ROOT,
) -> None:
    """Publish the snapshot to an S3-compatible store, for readers elsewhere. Only files that the store lacks are sent.

    Credentials are read from the environment (AWS_ACCESS_KEY_ID and so on).
    """
    from etl.store.push import Destination

    push_to(published_layout(root), Destination(url=url, endpoint=endpoint))


def push_to(layout: "Layout", destination: "Destination") -> None:
    """Push what is published, and say what was sent."""
    from etl.config import load_config
    from etl.store.push import open_store, push, remember

    config = load_config(layout.config)
    store = open_store(destination.url, destination.endpoint)
    remember(layout, destination)
    sent = push(layout, store, config.keep_snapshots, config.keep_hours)
    say(f"{destination.url} has {sent.snapshot_id}", style="bold")
    say(
        f"{sent.n_sent:,} of {sent.n_files:,} files sent, {sent.n_bytes / 1e6:,.1f} MB; {sent.n_deleted:,} old objects deleted"
    )
