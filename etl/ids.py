"""Identities: short hashes of what a row is."""

from hashlib import blake2b


def hash_id(*parts: object) -> str:
    """20 hexadecimal digits (80 bits) of the parts: among a billion rows, two alike are a one-in-a-million accident."""
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=10).hexdigest()


def article_id(source_uri: str, record_no: int, key: str | None) -> str:
    """An article's identity: its file, and in it its own key or else its number."""
    return hash_id(source_uri, record_no if key is None else f"key {key}")


def span_id(article_id: str, start: int, end: int, kind: str) -> str:
    """The identity of a stretch of an article: a quote of a kind, or a mention by a way of mentioning."""
    return hash_id(article_id, start, end, kind)
