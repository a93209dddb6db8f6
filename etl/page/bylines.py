"""Parse bylines into authors and outlets."""

import re
from dataclasses import dataclass

from etl.knowledge.word_lists import standard_words
from etl.knowledge.word_lists import words as word_list
from etl.page.dates import without_dates

#: Names of agencies and outlets, as whole pieces of a byline or dateline, in lower case.
OUTLETS = word_list("outlets")
SAME_OUTLET = standard_words("same_outlet")
#: A name with one of these words is an outlet's.
OUTLET_WORD = re.compile(
    r"\b(?:news(?:paper)?s?|times|post|press|tribune|herald|gazette|journal|chronicle|courier|observer|guardian|telegraph|"
    r"mirror|mail|magazine|media|agency|service|wire|network|radio|tv|television|online|review|bureau|"
    r"daily|weekly|monthly|examiner|globe|sentinel|bulletin|dispatch|register|inquirer|independent|broadcasting)\b|\.(?:com|org|net)\b",
    re.IGNORECASE,
)
#: A piece of a byline with one of these words is a role, not a name.
ROLE_WORD = re.compile(
    r"\b(?:correspondents?|editors?|reporters?|writers?|journalists?|columnists?|analysts?|producers?|contributors?|critic|"
    r"chief|senior|special|freelance|intern|fellow|political|business|technology|science|health|sports?|economics|foreign|"
    r"staff|author|guest|photographer|blogger|updated|published|posted|exclusive|opinion|commentary|analysis|at)\b",
    re.IGNORECASE,
)
#: The last word of a line that says only what the person named above it does.
ROLE_END = re.compile(
    r"(?:correspondent|editor|reporter|writer|journalist|columnist|analyst|producer|contributor|critic|staff|photographer)s?",
    re.IGNORECASE,
)
MAX_ROLE_WORDS = 6
#: What introduces the names: ``By``, ``Reported by``, ``Author:``.
PREFIX = re.compile(
    r"\s*(?:(?:written|story|posted|report(?:ed|ing)?|words|text|article|published|interview(?:ed)?|compiled|analysis|review"
    r"|exclusive|opinion|comment(?:ary)?|feature|column|essay)\s+by"
    r"|as\s+told\s+to|by|author|authors)\b\s*:?\s+|\s*(?:by|words|text|story|reporter):\s*",
    re.IGNORECASE,
)
#: Addresses, handles and telephone numbers, which are left out.
CONTACT = re.compile(
    r"\S{1,80}@\S{1,80}|(?<!\w)@\w{1,30}|https?://\S+|www\.\S+|(?:(?:tel|phone|ph|t|e-?mail|contact|call)\b\.?\s*:?\s*)?"
    r"(?:\+?\(?\d\d[\d() .-]{5,20}\d)|\b(?:e-?mail|phone|tel)\b\.?:?",
    re.IGNORECASE,
)
#: What separates two names or roles, and what separates a name from a place or outlet.
BETWEEN = re.compile(r"\s*(?:,|;|\||/|•|·|–|—|\s-\s|\bwith\b|\band\b|&|\n)\s*", re.IGNORECASE)
WHERE = re.compile(r"\s+(?:in|at|for|from|of)\s+(?:the\s+)?(?=[A-Z])")
#: A piece that stands for whoever was on duty: ``staff reporters``, ``agencies``. A byline may name nobody else.
DESK = re.compile(
    r"(?:the\s+)?(?:[\w.&'’-]+\s+){0,4}(?:staff|reporters?|correspondents?|writers?|desk|newsroom|agencies|wire services|"
    r"editorial board)",
    re.IGNORECASE,
)
#: A list of names as Python prints it, in columns of CSV files.
LISTED = re.compile(r"(?<=[\[ ])(['\"])(.+?)\1(?=[,\]])")
#: ``DOE, JANE``, as in catalogues.
INVERTED = re.compile(r"\s*([\w'’-]+),\s*([\w'’.-]+(?:\s\w\.?)?)\s*")
TITLE = re.compile(r"^(?:dr|mr|mrs|ms|prof|sir|dame|rev)\.?\s+", re.IGNORECASE)
SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "md", "phd", "mp"))
PARTICLES = word_list("byline_particles")
SMALL_WORDS = PARTICLES | SUFFIXES
#: A particle joined to a capitalised name: ``al-Haddad``, ``d'Amico``.
TIED = re.compile(r"(?:al|el|ul|as|ash|d|l|m|dell|n)[-'’](?=[A-Z])")
MAX_NAME_WORDS = 5
#: A last word longer than this (with its point) is not an initial, so that its point is a full stop.
MAX_INITIAL = 3
MAX_OUTLET_WORDS = 7
MAX_PLACE_WORDS = 3
#: A line with more lower-case words is a sentence, not a list of names and roles.
MAX_SMALL_WORDS = 5
OUTLET_SMALL_WORDS = frozenset(("of", "the", "and", "for", "in", "on", "&", "a"))
#: The longest byline, in code points.
MAX_LINE = 200


@dataclass(frozen=True, slots=True)
class Byline:
    """The authors that a byline names, in order, and the outlet, if any."""

    authors: tuple[str, ...] = ()
    publisher: str | None = None


def read_byline(line: str) -> Byline | None:
    """Parse a line that is a byline (``By …``). None for any other line, including sentences that begin with *by*."""
    prefix = PREFIX.match(line)
    if not prefix or len(line) > MAX_LINE:
        return None
    rest = line[prefix.end() :]
    return _read(rest) or (Byline() if DESK.fullmatch(rest.strip()) else None)


def read_bare_byline(line: str) -> Byline | None:
    """Parse a byline without *by*: names followed by an outlet, role or address. None for any other line."""
    if len(line) > MAX_LINE or sum(w[0].islower() for w in line.split()) > MAX_SMALL_WORDS:
        return None
    if not (CONTACT.search(line) or BETWEEN.search(line)):
        return None
    byline = _read(line)
    rest = BETWEEN.split(line, maxsplit=1)[1:]
    is_byline = CONTACT.search(line) or any(outlet_of(p) or ROLE_WORD.search(p) for r in rest for p in BETWEEN.split(r))
    return byline if byline and byline.authors and is_byline else None


def read_name_list(line: str) -> Byline | None:
    """Parse a line that consists of names. None for any other line."""
    names = [piece.strip() for piece in BETWEEN.split(line)] if len(line) <= MAX_LINE else []
    are_names = names and all(is_name(n) and not outlet_of(n) and not ROLE_WORD.search(n) for n in names)
    return Byline(tuple(names)) if are_names else None


def read_placed_name(line: str) -> Byline | None:
    """Parse a line of one name and a place: ``Ines Hart in Northmoor``. None for any other line."""
    who, *where = WHERE.split(line.removeprefix("From "))
    is_placed = len(where) == 1 and len(where[0].split()) <= MAX_PLACE_WORDS and not ROLE_WORD.search(line)
    return Byline((who,)) if is_placed and is_name(who) and not outlet_of(who) else None


def read_names(value: str) -> Byline:
    """Parse a value that is known to name the authors, such as ``JANE DOE; J. ROE`` in a header line."""
    prefix = PREFIX.match(value)
    listed = [name for _, name in LISTED.findall(value)] if value.startswith("[") else []
    parts = listed or value[prefix.end() if prefix else 0 :].split(";")
    if all(INVERTED.fullmatch(part) for part in parts):
        parts = [INVERTED.sub(r"\2 \1", part) for part in parts]
    return _read(";".join(parts), is_strict=False) or Byline()


def outlet_of(piece: str) -> str | None:
    """The agency, newspaper or station that a piece of a byline names, if any."""
    name = " ".join(piece.split()).strip(" .()")
    first = name.partition(" ")[0]
    if name.lower() in OUTLETS:
        return name
    if first.lower() in OUTLETS:
        return first
    if ROLE_WORD.search(name):
        return None
    words = name.split()
    is_title = len(words) <= MAX_OUTLET_WORDS and all(w[0].isupper() or w in OUTLET_SMALL_WORDS for w in words)
    return name if is_title and (OUTLET_WORD.search(name) or first.lower() == "the") else None


def standard_outlet(publisher: str) -> str:
    """The one name of an agency that is printed in several ways ("REUTERS", "The Associated Press"); any other as printed."""
    return SAME_OUTLET.get(publisher.lower(), publisher)


def is_role(line: str) -> bool:
    """Whether a line is a role (``Environment correspondent``), perhaps with the outlet."""
    last = (BETWEEN.split(line)[0].split() or [""])[-1]
    return len(line.split()) <= MAX_ROLE_WORDS and ROLE_END.fullmatch(last) is not None


def is_name(piece: str) -> bool:
    """Whether a stretch looks like the name of one person: two to five words, capitalised except for particles."""
    words = piece.split()
    if not 1 < len(words) <= MAX_NAME_WORDS + 1 or piece != " ".join(words):
        return False
    words = TITLE.sub("", piece).split()
    core = [w for w in words if w.lower().strip(".") not in SMALL_WORDS]
    ends_sentence = len(words[-1]) > MAX_INITIAL and words[-1].endswith(".") and words[-1] in core
    return (
        1 < len(words) <= MAX_NAME_WORDS
        and bool(core)
        and not ends_sentence
        and all(
            (w[0].isupper() or TIED.match(w)) and not any(c.isdigit() for c in w) and w[-1] not in '!?:"”' for w in core
        )
        and all(w.replace(".", "").replace("'", "").replace("’", "").replace("-", "").isalpha() for w in words)
    )


def _read(rest: str, *, is_strict: bool = True) -> Byline | None:
    rest = without_dates(CONTACT.sub(" ", rest)).strip(" ,;|-–—()")
    authors: list[str] = []
    publisher: str | None = None
    stripped = (piece.strip() for piece in BETWEEN.split(rest))
    pieces = (piece if piece.endswith((" Jr.", " Sr.")) else piece.strip(" .:()") for piece in stripped)
    for number, piece in enumerate(filter(None, pieces)):
        if DESK.fullmatch(piece):
            continue
        who, *where = WHERE.split(piece)
        outlets = filter(None, map(outlet_of, (who, *where)))
        publisher = publisher or next(outlets, None)
        if outlet_of(who) or ROLE_WORD.search(who):
            continue
        if is_name(who):
            authors.append(who)
        elif who.lower().strip(".") in SUFFIXES and authors:
            authors[-1] = f"{authors[-1]}, {who}"
        elif not is_strict and number == 0 and who[:1].isalpha() and not who[0].islower():
            authors.append(who)
        elif is_strict and not (authors and who[:1].isupper() and len(who.split()) <= MAX_NAME_WORDS):
            return None
    return Byline(tuple(dict.fromkeys(authors)), publisher) if authors or publisher else None
