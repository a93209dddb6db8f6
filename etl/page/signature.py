"""The signature of a page's body: bodies that share most of their words in a row have signatures that agree in most places.

A MinHash of the body's runs of words (Broder 1997), each of its values cut down to one of 64 letters (b-bit minwise hashing,
Li and König 2010): a string that compresses well, whose Hamming distance estimates how many runs two bodies share, and whose
substrings are the bands of locality-sensitive hashing. `docs/copies.md` has the measurements behind the figures.
"""

import string

import numpy as np
from rensa import RMinHash

from etl.page.parse import Page, folded_body

#: Letters in a signature: the estimate's standard deviation is 0.045 at most.
SIZE = 128
#: Words in a run. Shorter runs take reports of one form (dividends, auctions, tides) for copies of each other.
RUN = 5
#: Bodies of fewer words have no signature: most of what they say is form.
MIN_WORDS = 50
#: The values of a letter.
LETTERS = np.frombuffer((string.ascii_letters + string.digits + "-_").encode(), dtype=np.uint8)
SEED = 1
#: Knuth's multiplicative hash, since the library does not promise that the bits of a value are equally random.
SPREAD, SHIFT = np.uint32(2654435761), np.uint32(26)


def signature(page: Page) -> str:
    """SIZE letters; empty for a body of fewer than MIN_WORDS words. Equal bodies, as folded, have equal signatures."""
    words = folded_body(page).split()
    if len(words) < MIN_WORDS:
        return ""
    minhash = RMinHash(num_perm=SIZE, seed=SEED)
    minhash.update([" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)])
    letters = LETTERS[(np.array(minhash.digest(), dtype=np.uint32) * SPREAD) >> SHIFT]
    return str(letters.tobytes(), "ascii")


def shared(n_different: int) -> float:
    """The estimated share, 0 to 1, of all runs of two bodies that both have, from the places in which their signatures differ.

    Letters agree by chance once in 64 places, which is allowed for.
    """
    by_chance = 1 / len(LETTERS)
    return max(0.0, (1 - n_different / SIZE - by_chance) / (1 - by_chance))
