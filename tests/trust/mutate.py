"""Files that nobody would write: example articles damaged in every way, hostile names, hostile content."""

import gzip
import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples" / "articles"

#: What is put into articles: control characters, marks without their partners, markup, and other systems' languages.
INSERTED = (
    *("\x00", "\x1b[2J\x1b]0;owned\x07", "\x9b31m", "\u202e", "\u2028", "\ufeff", "\ud83d\ude00", "\r", "\t" * 99),
    *(
        "“" * 40,
        "”",
        "‘",
        '"' * 33,
        "''",
        "\n\n\n\n",
        "\n> ",
        "- ",
        "— said — ",
        "<p>",
        "</div><script>",
        "<!--",
        "&#0;",
        "&amp;&lt;",
    ),
    *(
        "'; DROP TABLE article; --",
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "{{7*7}}",
        "%s%n",
        "../../etc/passwd",
        "\\",
        "[bold]",
    ),
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1", "koi8-r", "cp037", "utf-7")
SUFFIXES = (".txt", ".txt", ".txt", ".html", ".json", ".jsonl", ".csv", ".sgm", ".txt.gz", "")
#: The longest line and the deepest nesting made.
LONG, DEEP = 200_000, 3_000

Mutation = Callable[[random.Random, bytes], bytes]


def flip(dice: random.Random, data: bytes) -> bytes:
    """Some bytes as other bytes."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 5, 100))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(dice: random.Random, data: bytes) -> bytes:
    """The beginning only."""
    return data[: dice.randrange(len(data))]


def insert(dice: random.Random, data: bytes) -> bytes:
    """Something hostile in some places."""
    text = data.decode("utf-8", "replace")
    for _ in range(dice.choice((1, 3, 30))):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice(INSERTED) + text[at:]
    return text.encode("utf-8", "surrogatepass")


def recode(dice: random.Random, data: bytes) -> bytes:
    """Another encoding, or two in one file."""
    text = data.decode("utf-8", "replace")
    other = text.encode(dice.choice(ENCODINGS), "replace")
    return other if dice.random() < 0.7 else data + other


def repeat(dice: random.Random, data: bytes) -> bytes:
    """The same over and over."""
    return data * dice.choice((2, 10))


def one_line(dice: random.Random, data: bytes) -> bytes:
    """A line without an end."""
    return (data.replace(b"\n", b" ") * 99)[:LONG]


def nest(dice: random.Random, data: bytes) -> bytes:
    """The article in a JSON or HTML without a bottom."""
    text = data.decode("utf-8", "replace")
    if dice.random() < 0.5:
        return ("[" * DEEP + json.dumps(text) + "]" * dice.choice((DEEP, 3))).encode()
    return ("<div>" * DEEP + text + "</div>" * dice.choice((DEEP, 3))).encode()


def shuffle(dice: random.Random, data: bytes) -> bytes:
    """The lines in another order."""
    lines = data.split(b"\n")
    dice.shuffle(lines)
    return b"\n".join(lines)


def pack(dice: random.Random, data: bytes) -> bytes:
    """An archive, perhaps a broken one."""
    packed = gzip.compress(data, mtime=0)
    return packed if dice.random() < 0.5 else flip(dice, packed)


MUTATIONS: tuple[Mutation, ...] = (
    flip,
    flip,
    cut,
    insert,
    insert,
    insert,
    recode,
    repeat,
    one_line,
    nest,
    shuffle,
    pack,
)


def mutated(n: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """``n`` files: a name and what is in it."""
    dice = random.Random(seed)  # the same files every time
    originals = [path.read_bytes() for path in sorted(EXAMPLES.rglob("*.txt"))]
    for number in range(n):
        data = dice.choice(originals)
        for _ in range(dice.choice((1, 1, 2))):
            data = dice.choice(MUTATIONS)(dice, data) or b" "
        yield f"{number % 50:02}/{number}{dice.choice(SUFFIXES)}", data


#: Names that file systems allow.
HOSTILE_NAMES = (
    *(b"new\nline.txt", b"quote'\".txt", b"back\\slash.txt", b"a..txt", b"a...", b" ", b"-rf", b"~", b"$(id).txt"),
    *(
        b"\xff\xfe invalid.txt",
        b"\x1b[31mred.txt",
        b"semi;colon--.txt",
        b"a=1",
        b"month=2031-03",
        b"%2e%2e%2f",
        b"*?[x].txt",
    ),
    *(b"l" * 251 + b".txt", "é".encode() * 125 + b".txt", "\u202egnp.txt".encode(), b"CON.txt", b"=cmd.txt"),
)


def hostile_files(folder: Path, data: bytes) -> None:
    """Files of every hostile name, and what is no file: a pipe, and links to nothing, to themselves and upwards."""
    for name in HOSTILE_NAMES:
        (folder / os.fsdecode(name)).write_bytes(data)
    os.mkfifo(folder / "pipe.txt")
    (folder / "nowhere.txt").symlink_to(folder / "gone")
    (folder / "round.txt").symlink_to(folder / "round.txt")
    (folder / "up").symlink_to(folder.parent)
