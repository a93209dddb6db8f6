"""The warehouse directory: finished shards to an audited, published snapshot; its history, locks and redactions.

In: finished shards and the last snapshot. Out: the next one, published whole or not at all. Nothing here looks into an article.
"""
