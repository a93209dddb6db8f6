"""Names: the mentions of one article, the fullest name it gives each, and which names across articles are one entity.

In: a page and its annotation; for resolving, the distinct names of all articles. Out: mentions and canonical names. Who speaks
is `etl.quotes`.
"""

VERSION = "1"
