"""Source files to records: list the files, decode the bytes, split the formats.

In: folders and files. Out: records (`record.Record`), each the raw text of one article with the fields its format gives, or
rejections. Nothing here interprets an article's text; that is `etl.page`.
"""

VERSION = "14"
