"""The language model: the copy of a page that it reads, its tokens and labels, and the trees that weigh features.

In: a page. Out: an annotation (`annotate.Annotation`), with the way back to the page's offsets. What the labels mean is decided
in `etl.entities` and `etl.quotes`.
"""

VERSION = "1"
