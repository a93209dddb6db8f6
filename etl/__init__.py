"""The work, as plain functions: from bytes on disk to Parquet and DuckDB.

The stages, in the order a file passes through them::

    scan -> plan -> read -> parse -> annotate -> entities -> quotes -> tables -> shard -> snapshot -> load

Nothing here knows of Prefect, and nothing keeps global state.
"""
