"""Named entities: finding mentions in an article, and resolving names within and across articles.

Input: a page and its annotation; for resolution, the distinct names of all articles. Output: mentions and canonical
names. Speaker attribution is in `etl.quotes`.
"""

VERSION = "20"
