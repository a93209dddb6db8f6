"""The reader of a snapshot that was pushed to a store: the same tables and views, over its Parquet."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

import warehouse
from etl.errors import ConfigError
from etl.schema import TABLES, quoted
from etl.store.duck import parquet
from etl.store.manifest import Manifest
from etl.store.push import Store, StoreError, open_store, telling, urls


def connect(url: str, endpoint: str | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with a view for each table, over the snapshot that is current at ``url`` now, and the warehouse's own views.

    It reaches nothing but the files below ``url``. Credentials are read from the environment (``AWS_ACCESS_KEY_ID`` and so on). The
    snapshot is kept there for as long as pushes keep superseded ones.

    Raises:
        ConfigError: when the extension is not installed, or the address is none.
        StoreError: when the store cannot be reached, or nothing was pushed there.
    """
    store = open_store(url, endpoint)
    with telling(url):
        current = store.current()
        if current is None:
            raise StoreError(f"nothing was pushed to {url}; do so with: ontherecord push {url}")
        manifest = store.manifest(current.snapshot_id)
    connection = duckdb.connect(":memory:")
    connection.execute(f"LOAD {quoted(str(_extension()))}")
    connection.execute(_secret(endpoint))
    connection.execute(
        f"SET TimeZone = 'UTC'; SET allowed_directories = [{quoted(f's3://{store.root}/')}]; "
        "SET enable_external_access = false; SET lock_configuration = true"
    )
    connection.execute(_tables(store, manifest))
    connection.execute(warehouse.views())
    return connection


def _tables(store: Store, manifest: Manifest) -> str:
    return "\n".join(
        f"CREATE VIEW {table.name} AS FROM {parquet(table, urls(store, manifest.of(table.name)))};"
        for table in TABLES.values()
    )


def _extension() -> Path:
    """DuckDB's extension for HTTP and S3, as a wheel ships it: signed, and loaded without a download."""
    spec = find_spec("duckdb_extension_httpfs")
    found = list(Path(spec.origin).parent.rglob("*.duckdb_extension")) if spec and spec.origin else []
    if not found:
        raise ConfigError("reading from a store needs DuckDB's httpfs: pip install 'ontherecord[s3]'")
    return found[0]


def _secret(endpoint: str | None) -> str:
    """The statement that gives DuckDB the environment's credentials, for this connection only."""
    at = urlsplit(endpoint or "")
    options = {
        "KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID"),
        "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY"),
        "SESSION_TOKEN": os.environ.get("AWS_SESSION_TOKEN"),
        "REGION": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        "ENDPOINT": at.netloc,
        "URL_STYLE": "path" if endpoint else "vhost",
        "USE_SSL": "false" if at.scheme == "http" else "true",
    }
    given = ", ".join(f"{name} {quoted(value)}" for name, value in options.items() if value)
    return f"CREATE SECRET store (TYPE s3, {given})"
