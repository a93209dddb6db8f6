"""Files to rows: what there is to do, cut into shards, and each shard through all stages to Parquet.

In: the sources' files and the published snapshot. Out: one directory of Parquet a shard. Which steps run where is `flows`;
storing finished shards is `etl.store`.
"""

VERSION = "4"
