"""Starting the dashboard."""

import os
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from etl.errors import ConfigError
from flows.cli.options import DEFAULT_ROOT, Root
from flows.cli.printing import say
from warehouse import ROOT_VARIABLE

#: Streamlit's settings: only local connections, no usage statistics, no details of errors on pages, no file watcher.
SETTINGS = {
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
}


def dashboard(
    root: Root = DEFAULT_ROOT,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port on 127.0.0.1.")] = 8501,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Show the published snapshot in a browser. A new snapshot appears automatically."""
    from etl.store.paths import Layout
    from warehouse.dashboard import APP

    if find_spec("streamlit") is None:
        raise ConfigError("the dashboard needs Streamlit: pip install 'ontherecord[dashboard]'")
    if Layout(root.resolve()).published() is None:
        say(
            f"nothing is published in {root} yet; the dashboard shows the first snapshot when it is", "yellow", err=True
        )
    settings = SETTINGS | {"server.port": str(port), "server.headless": str(not browser).lower()}
    options = [f"--{name}={value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), *options]
    os.execve(sys.executable, command, {**os.environ, ROOT_VARIABLE: str(root.resolve())})  # noqa: S606  # our own interpreter; nothing of the user's is in the command
