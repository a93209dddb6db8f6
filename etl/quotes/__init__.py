"""Quotations and their speakers: spans, cues, speakers and confidence.

In: a page, its annotation and its mentions. Out: quotes (`find.Quote`). Nothing here reads files, fits weights or makes rows.
"""

VERSION = "30"
