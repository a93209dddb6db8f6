"""A record's text to a page: which stretch is headline, byline, date line, paragraph, and what they say of day and authors.

In: a record. Out: a page (`parse.Page`), its passages marked in the text, nothing moved. No language model and no names here.
"""

VERSION = "1"
