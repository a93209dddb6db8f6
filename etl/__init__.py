"""The work, as plain functions: from bytes on disk to Parquet and DuckDB.

The stages, in the order a file passes through them::

    scan -> plan -> read -> parse -> annotate -> entities -> quotes -> rows -> shard -> assemble -> load -> audit -> publish

Nothing here knows of Prefect, and nothing keeps global state.
"""

import os

# ONNX Runtime sends usage data to its makers, and keeps an id and a queue for them in the user's home, unless this is set before it
# is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
