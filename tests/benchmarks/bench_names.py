"""What resolving made-up names costs on one core: ``python -m tests.benchmarks.bench_names [NAMES]``.

People, organisations and places of made-up words, as skewed as names in the news: a few given names and family names are
borne by many. Some are spelled in several ways, and family names stand alone.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from etl.entities.name_keys import entity_id
from etl.entities.resolve import NAMES, resolve
from etl.store.duck import engine

LIMIT = "2GB"
N_GIVEN, N_FAMILY = 3_000, 60_000
#: Names put into the database at a time, so that what is measured is not their making.
PIECE = 50_000
SYLLABLES = "al bel ben cor der ei fi gru hol jas ka lo mi nek ou pol qui ren sar tash tho vor wim ya zan".split()
LAST_WORDS = ("", "", " Inc", " Group", " University", " Party", " Council")
#: How one sound is spelled in two ways.
RESPELLED = (("k", "q"), ("i", "y"), ("f", "ph"), ("ei", "ay"), ("s", "ss"))
SPELLED_OTHERWISE = 0.15


def word(dice: random.Random, *lengths: int) -> str:
    """A made-up word of one of the numbers of syllables."""
    return "".join(dice.choices(SYLLABLES, k=dice.choice(lengths))).capitalize()


def made_up(dice: random.Random) -> Iterator[tuple[str, str]]:
    """Classes and names without end, some of them again and again."""
    given = [word(dice, 2) for _ in range(N_GIVEN)]
    family = [word(dice, 2, 3) for _ in range(N_FAMILY)]

    def often(words: list[str]) -> str:
        """One of the words, the first far more often."""
        return words[int(len(words) * dice.random() ** 2)]

    while True:
        kind = dice.random()
        if kind < 0.5:
            middle = f" {dice.choice('ABCDEFG')}." if dice.random() < 0.1 else ""
            entity_type, name = "PERSON", f"{often(given)}{middle} {often(family)}"
        elif kind < 0.6:
            entity_type, name = "PERSON", often(family)
        elif kind < 0.8:
            words = (often(family) for _ in range(dice.choice((1, 2, 2, 3))))
            entity_type, name = "ORG", " ".join(words) + dice.choice(LAST_WORDS)
        else:
            entity_type, name = dice.choice(("GPE", "GPE", "LOC", "FAC")), often(family)
        if dice.random() < SPELLED_OTHERWISE:
            name = name.replace(*dice.choice(RESPELLED))
        yield entity_type, name


def rows(n: int) -> Iterator[dict[str, object]]:
    """``n`` distinct names with counts."""
    dice = random.Random(1)  # the same names every time, not a secret
    seen: set[str] = set()
    for entity_type, name in made_up(dice):
        identity = entity_id(entity_type, name)
        if identity not in seen:
            seen.add(identity)
            n_articles = int(1 / (1 - dice.random()))
            yield {
                "entity_id": identity,
                "entity_type": entity_type,
                "name": name,
                "n_mentions": n_articles + dice.randrange(9),
                "n_articles": n_articles,
                "aliases": [],
            }
            if len(seen) == n:
                return


def main(n: int) -> None:
    """Measure with ``n`` names."""
    made = rows(n)
    with tempfile.TemporaryDirectory() as directory, engine(Path(directory), LIMIT) as db:
        db.execute("SET threads = 1")
        db.register("piece", NAMES.empty_table())
        db.execute("CREATE TABLE names AS FROM piece")
        while piece := list(islice(made, PIECE)):
            db.register("piece", pa.Table.from_pylist(piece, NAMES))
            db.execute("INSERT INTO names FROM piece")
        began, began_cpu = time.perf_counter(), time.process_time()
        resolve(db, "names")
        seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        [counts] = db.execute("SELECT count(*), count(DISTINCT canonical_id) FROM entity_canonical").fetchall()
        [asked] = db.execute("SELECT count(*) FROM entity_ambiguous").fetchall()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    sys.stdout.write(
        f"resolve {counts[0]:,} names, one thread: {seconds:.1f} s ({cpu:.1f} s of CPU), peak memory {peak:.2f} GB; "
        f"{counts[1]:,} entities, {asked[0]:,} questions\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
