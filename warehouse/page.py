"""An article as HTML: quotations in a colour for each speaker, with the speaker named beside them, and names underlined.

Everything that comes from an article is escaped; nothing in it becomes markup. There is no script and no reference to anything
outside the page.
"""

from collections.abc import Iterator
from html import escape

from warehouse.article import Found, Piece, Row, asked_for, pieces, quotes_of
from warehouse.show import attribution, decided, facts

#: Hues of speakers, in degrees, as far apart as they may be; beyond their number they repeat.
HUES = (212, 28, 140, 330, 265, 80, 180, 0, 300, 48)
#: The element that sets each kind of passage.
ELEMENTS = {"headline": "h1", "subtitle": "h2", "sub-heading": "h3"}

STYLE = """
.otr { max-width: 44rem; line-height: 1.6; overflow-wrap: anywhere; }
.otr .q { background: hsl(var(--hue) 80% 50% / 0.18); border-bottom: 2px solid hsl(var(--hue) 70% 50%); }
.otr .reported { border-bottom-style: dotted; }
.otr .speaker { font-weight: 600; }
.otr .name { text-decoration: underline dotted; text-underline-offset: 3px; }
.otr .by { display: block; margin: 0.2rem 0 0.2rem 1rem; font-size: 0.85em; opacity: 0.85; }
.otr .dot { display: inline-block; width: 0.7em; height: 0.7em; border-radius: 50%; background: hsl(var(--hue) 70% 50%); }
.otr .facts, .otr .boilerplate, .otr .trailer { opacity: 0.7; font-size: 0.9em; }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title><style>
body {{ margin: 1rem auto; max-width: 46rem; padding: 0 1rem; font-family: system-ui, sans-serif; }}{style}</style></head>
<body>{body}</body></html>
"""


def page(found: Found) -> str:
    """An article as a page of its own."""
    return PAGE.format(title=escape(str(found.article["title"] or "untitled")), style=STYLE, body=body(found))


def body(found: Found) -> str:
    """An article, or the passages around a quote of it, as an element to be set in a page that has `STYLE`."""
    hues = hues_of(found)
    passages = "".join(_passage(found, passage, hues) for passage in asked_for(found))
    said = "<br>".join(map(apart, [facts(found.article), *decided(found)]))
    return f'<article class="otr"><p class="facts">{said}</p>{passages}</article>'


def apart(text: object) -> str:
    """A text as HTML whose direction of writing leaves what stands beside it alone: a name in Arabic, then a day."""
    return f"<bdi>{escape(str(text))}</bdi>"


def hues_of(found: Found) -> dict[str, int]:
    """A hue for each voice of an article, in the order in which they speak."""
    voices = dict.fromkeys(attribution(quote)[0] for quote in found.quotes)
    return {voice: HUES[number % len(HUES)] for number, voice in enumerate(voices)}


def _passage(found: Found, passage: Row, hues: dict[str, int]) -> str:
    kind = str(passage["kind"])
    element = ELEMENTS.get(kind, "p")
    text = "".join(_piece(found, piece, hues) for piece in pieces(found, passage))
    notes = "".join(_notes(found, passage, hues))
    return f'<{element} class="{escape(kind)}">{text}</{element}>{notes}'


def _piece(found: Found, piece: Piece, hues: dict[str, int]) -> str:
    html = escape(piece.text)
    if names := " ".join(["speaker"] * piece.is_speaker + ["name"] * piece.is_name):
        html = f'<span class="{names}">{html}</span>'
    if piece.quotes:
        quote = found.quotes[piece.quotes[-1] - 1]
        reported = " reported" if quote["kind"] == "indirect" else ""
        html = f'<span class="q{reported}" style="--hue: {hues[attribution(quote)[0]]}">{html}</span>'
    return html + "".join(f"<sup>&#8201;{number}</sup>" for number in piece.ends)


def _notes(found: Found, passage: Row, hues: dict[str, int]) -> Iterator[str]:
    for number, quote in quotes_of(found, passage):
        who, how = attribution(quote)
        dot = f'<span class="dot" style="--hue: {hues[who]}"></span>'
        yield f'<span class="by">{dot} {number} <b>{apart(who)}</b> {escape(how)}</span>'
