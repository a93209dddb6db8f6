"""Quotations and whose words they are: spans, cues, speakers and how sure they are.

In: a page, its annotation and its mentions. Out: quotes (`find.Quote`). Nothing here reads files, fits weights or makes rows.
"""

VERSION = "1"
