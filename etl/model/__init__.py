"""The language model: its input text, the encoder, what it says of names, speech and syntax, and the boosted trees.

In: a page. Out: an annotation (`annotate.Annotation`) that maps back to the page's offsets. `etl.entities` and `etl.quotes`
interpret the labels.
"""

VERSION = "6"
