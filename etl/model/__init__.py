"""The language model: its input text, its tokens and labels, and the boosted trees that score features.

In: a page. Out: an annotation (`annotate.Annotation`) that maps back to the page's offsets. `etl.entities` and `etl.quotes`
interpret the labels.
"""

VERSION = "1"
