"""Parse a record's text into a page: mark headline, byline, date line and paragraphs, and read date and authors from them.

In: a record. Out: a page (`parse.Page`) with passages marked in the unchanged text. No language model and no entities here.
"""

VERSION = "9"
