"""What is known before an article is read: names, nouns, cue words, and the weights that training fitted.

In: nothing but this package's own ``data/``. Out: look-ups. Nothing here reads an article or decides about one.
"""

from pathlib import Path

VERSION = "25"

DATA = Path(__file__).parent / "data"
