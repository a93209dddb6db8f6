"""The warehouse directory: from finished shards to an audited, published snapshot; its history, locks and redactions.

In: finished shards and the last snapshot. Out: the next snapshot, published atomically. Nothing here parses an article.
"""
