"""Source files to records: what lies in a folder, its bytes decoded, its format taken apart.

In: folders and files. Out: records (`record.Record`), each the raw text of one article with what its file says of it, or
rejections. Nothing here looks at what an article says; that is `etl.page`.
"""

VERSION = "1"
