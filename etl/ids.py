"""Identities: short hashes of what a row is."""

from hashlib import blake2b


def hash_id(*parts: object) -> str:
    """20 hexadecimal digits (80 bits) of the parts: among a billion rows, two alike are a one-in-a-million accident."""
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=10).hexdigest()
