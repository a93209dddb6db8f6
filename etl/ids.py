"""Ids: short hashes of what identifies a row."""

from hashlib import blake2b


def hash_id(*parts: object) -> str:
    """A hash of the parts, in 20 hexadecimal digits (80 bits). Among a billion rows, the probability of a collision is 10⁻⁶."""
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=10).hexdigest()


def article_id(source_uri: str, record_no: int, key: str | None) -> str:
    """The id of an article: a hash of its file and its own key, or else its number in the file."""
    return hash_id(source_uri, record_no if key is None else f"key {key}")


def span_id(article_id: str, start: int, end: int, kind: str) -> str:
    """The id of a stretch of an article: a quote (with its kind) or a mention (with its via)."""
    return hash_id(article_id, start, end, kind)
