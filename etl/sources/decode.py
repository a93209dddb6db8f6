"""Decode bytes to text, repair the text, and name each repair."""

import html
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass

#: Byte order marks and their encodings. The longer ones come first, because UTF-32's begins with UTF-16's.
BOMS = (
    (BOM_UTF32_LE, "utf-32-le"),
    (BOM_UTF32_BE, "utf-32-be"),
    (BOM_UTF8, "utf-8"),
    (BOM_UTF16_LE, "utf-16-le"),
    (BOM_UTF16_BE, "utf-16-be"),
)
#: Control bytes that do not occur in text. NUL and ^Z end records and DOS files, so they do not indicate a binary file.
NON_TEXT = bytes(b for b in range(32) if b not in b"\t\n\v\f\r\b\x1b\x00\x1a")
#: A file with a larger share of these bytes, or of NULs, is binary.
BINARY_SHARE = 0.02
NUL_SHARE = 0.1
#: First bytes of binary formats that could otherwise be taken for text.
BINARY_SIGNATURES = (b"%PDF-", b"{\\rtf", b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff")
#: The number of leading bytes examined to detect binary files and encodings.
HEAD = 1 << 16
#: UTF-16 without a byte order mark: the least share of NULs in one half of the byte pairs, and the largest in the other.
UTF16_NULS, UTF16_OTHERS = 0.4, 0.05
#: Text with a larger share of non-ASCII bytes is not in a Western encoding, and charset-normalizer detects it. With the few
#: non-ASCII bytes of an English page, charset-normalizer only guesses.
WESTERN_SHARE = 0.15

#: Where non-ASCII characters occur if they were decoded correctly: quotation marks at the edges of words, dashes, letters inside
#: words …
LIKELY = re.compile(
    r"(?<=[\w.,!?…])[’”»]|(?<!\w)[‘“«](?=[\w.…])|(?<=[\w\s])[–—](?=[\w\s])|(?<=[^\W\d])[ß-öø-ÿ]|[ß-öø-ÿ](?=[^\W\d_])"
    r"|(?<!\w)[À-ÖØ-Þ](?=[a-zß-ÿ])|[£€](?=\d)|(?<=\w)…|(?<!\w)•(?!\w)|\xa0|(?<=\d)°"
)
#: … and if they were not: a capital inside a lower-case word, or a symbol between letters.
UNLIKELY = re.compile(
    r"(?<=[a-zß-öø-ÿ])[À-ÖØ-ÞŠŒŽŸ]|(?<=[^\W\d_])[¡-©«-¯±-¶¸-¿†‡‰ˆ˜√∫∂ƒ≈◊](?=[^\W\d_])|[\x80-\x9f\ufffd]"
)
WESTERN = ("cp1252", "mac_roman")
#: Declared encodings that are ignored: those in which the declaration could not be read, and those that browsers read as another.
NOT_DECLARED = re.compile(r"\A(?:utf-?(?:8|16|32).*|ucs.*|iso-8859-1|latin-?1|(?:us-)?ascii|)\Z")

#: What stands for nothing in text: ends of records and files, halves of characters, and byte order marks that are not the first.
STRAYS = re.compile("[\x00\x1a\ud800-\udfff\ufeff]+")
#: A lead byte of UTF-8 decoded as something else, and what may follow it. Only a reason to look closer.
MOJIBAKE = re.compile(r"[À-ßâãäåïðÂÃŠ√‚¬][^\x00-\x7f]")
#: A field as wire services transmit it, on its own line between two control characters: ``^By INES HART=``.
TRANSMITTED = re.compile(r"^\^[ \t]*(\S.*?)[<=>][ \t]*$", re.MULTILINE)
SPACES = re.compile(r"([ \t\n]+)")
#: A closing tag, as a sign of leftover markup. Wire copy has tickers such as <T> and <BN>, which are never closed.
CLOSED = re.compile(
    r"</(?:p|div|br|span|a|b|i|em|strong|h[1-6]|li|ul|ol|blockquote|figure|section|article|q)>|<br ?/?>", re.IGNORECASE
)
BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|hr|h[1-6]|li|ul|ol|dl|dt|dd|blockquote|table|tbody|tr|td|th|figure|figcaption|section|article|aside"
    r"|header|footer|main|pre)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
INLINE_TAG = re.compile(
    r"</?(?:span|a|b|i|u|s|em|strong|img|font|sup|sub|small|cite|mark|time|abbr|code|iframe|picture|source|video)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
#: Markup whose content is not text; and <q>, for which the browser draws the quotation marks.
UNSEEN = re.compile(r"<(script|style)\b[^<>]{0,2000}>.{0,50000}?</\1>|<!--.{0,50000}?-->", re.IGNORECASE | re.DOTALL)
OPENING_Q, CLOSING_Q = re.compile(r"<q\b[^<>]{0,2000}>", re.IGNORECASE), re.compile(r"</q>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}[0-9]{0,2}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""Text with line ends normalised to ``\n``, the encoding it was decoded from, and the repairs made."""

    text: str
    encoding: str
    repairs: tuple[str, ...] = ()


def decode(data: bytes, encoding: str | None = None) -> Decoded | None:
    """Decode bytes by their byte order mark, else the given ``encoding``, else the detected one. None if they are not text.

    Raises:
        LookupError: when Python does not know the ``encoding``.
    """
    found = _decode(data, encoding)
    if found is None:
        return None
    text, repairs = repair(found.text)
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), found.encoding, (*found.repairs, *repairs))


def believed(declared: str, data: bytes) -> str | None:
    """The encoding that a file declares, if it can be right. Non-ASCII bytes that are valid UTF-8 are UTF-8."""
    name = declared.lower()
    if NOT_DECLARED.match(name) or not _is_known(name):
        return None
    try:
        is_utf8 = not data.isascii() and bool(data.decode())
    except UnicodeDecodeError:
        is_utf8 = False
    return None if is_utf8 else name


def _is_known(encoding: str) -> bool:
    """Whether Python knows an encoding of text. A space is decoded: for no bytes at all, Python does not look the name up."""
    try:
        return bool(b" ".decode(encoding))
    except (LookupError, ValueError):
        return False


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """Remove stray control characters and repair mojibake. Returns the text and the names of the repairs made."""
    repairs = []
    if (clean := STRAYS.sub("", text)) != text:
        text = clean
        repairs.append("stray control characters removed")
    if MOJIBAKE.search(text):
        mended = "".join(_mend(word) for word in SPACES.split(text))
        if mended != text:
            text = mended
            repairs.append("mojibake repaired")
    return text, tuple(repairs)


def strip_markup(text: str) -> tuple[str, tuple[str, ...]]:
    """Remove HTML left in plain text by a scraper. Returns the text and the names of the repairs made."""
    repairs = []
    if "<" in text and CLOSED.search(text):
        text = CLOSING_Q.sub("”", OPENING_Q.sub("“", UNSEEN.sub("", text)))
        text = INLINE_TAG.sub("", BLOCK_TAG.sub("\n", text))
        repairs.append("HTML tags removed")
    if "&" in text and ENTITY.search(text):
        unescaped = ENTITY.sub(lambda m: html.unescape(m.group()), text)
        if unescaped != text:
            text = STRAYS.sub("", unescaped)
            repairs.append("HTML character references replaced")
    return text, tuple(repairs)


def strip_controls(text: str) -> tuple[str, tuple[str, ...]]:
    """Remove the control characters around the lines of wire copy. Returns the text and the name of the repair."""
    stripped = TRANSMITTED.sub(r"\1", text) if "^" in text else text
    return stripped, () if stripped == text else ("wire controls removed",)


def _decode(data: bytes, encoding: str | None) -> Decoded | None:
    for bom, marked in BOMS:
        if data.startswith(bom):
            return _replacing(data[len(bom) :], marked)
    if encoding:
        return _replacing(data, encoding)
    if utf16 := _unmarked_utf16(data[:HEAD]):
        return _replacing(data, utf16)
    if _is_binary(data):
        return None
    try:
        return Decoded(data.decode(), "utf-8")
    except UnicodeDecodeError:
        return _with_surrogates(data) or _mostly_utf8(data) or _western(data) or _other(data)


def _replacing(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        return Decoded(data.decode(encoding, "replace"), encoding, ("undecodable bytes replaced",))


def _unmarked_utf16(head: bytes) -> str | None:
    pairs = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > UTF16_NULS * pairs and even <= UTF16_OTHERS * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > UTF16_NULS * pairs and odd <= UTF16_OTHERS * pairs else None


def _is_binary(data: bytes) -> bool:
    head = data[:HEAD]
    controls = len(head) - len(head.translate(None, NON_TEXT))
    return (
        data.startswith(BINARY_SIGNATURES)
        or controls > BINARY_SHARE * len(head)
        or head.count(0) > NUL_SHARE * len(head)
    )


def _with_surrogates(data: bytes) -> Decoded | None:
    """Decode UTF-8 in which UTF-16's surrogates were encoded one by one, as some databases export it (CESU-8)."""
    try:
        utf16 = data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    except UnicodeDecodeError:
        return None
    found = _replacing(utf16, "utf-16-le")
    return Decoded(found.text, "utf-8", ("surrogates decoded", *found.repairs))


def _mostly_utf8(data: bytes) -> Decoded | None:
    """Decode UTF-8 with some stray bytes, which are read as cp1252."""
    text = data.decode("utf-8", "surrogateescape")
    strays = sum("\udc80" <= c <= "\udcff" for c in text)
    if sum(c > "\x7f" for c in text) <= 2 * strays:
        return None
    cp1252 = {0xDC00 + b: bytes([b]).decode("cp1252", "replace") for b in range(0x80, 0x100)}
    return Decoded(text.translate(cp1252), "utf-8", ("stray cp1252 bytes decoded",))


def _western(data: bytes) -> Decoded | None:
    high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    if high > WESTERN_SHARE * len(data):
        return None
    best = max((data.decode(name, "replace") for name in WESTERN), key=_likelihood)
    if best == data.decode("latin-1"):
        return Decoded(best, "latin-1")
    if best == data.decode("mac_roman"):
        return Decoded(best, "mac-roman")
    return Decoded(best, "cp1252", ("undecodable bytes replaced",) if "\ufffd" in best else ())


def _likelihood(text: str) -> int:
    head = text[:HEAD] if not text[:HEAD].isascii() else text
    return len(LIKELY.findall(head)) - len(UNLIKELY.findall(head))


def _other(data: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes  # few files need it

    guess = from_bytes(data.translate(None, b"\x00\x1a")).best()
    return Decoded(str(guess), guess.encoding.replace("_", "-")) if guess else None


def _mend(word: str) -> str:
    if not MOJIBAKE.search(word):
        return word
    from ftfy import fix_encoding  # few files need it
    from ftfy.badness import badness

    mended = fix_encoding(word)
    return mended if badness(mended) < badness(word) else word
