"""Prepare a web page for trafilatura: remove what it would wrongly take for the body, and join what it would miss."""

from collections.abc import Iterator
from typing import Any

from etl.text import fold_words

#: An lxml element. lxml has no type annotations.
Element = Any

#: Elements that are quotations without quotation marks in the text: <q>, and embedded posts of social networks.
MARKED = "//q|//blockquote[contains(@class, 'twitter-tweet')]/p"
#: Elements that a page shows only on request.
HIDDEN = "//*[@hidden or @x-cloak]|//template|//dialog"
#: Classes of short elements around the body: forms, notes on the author, comments, related articles.
BESIDE = (
    "newsletter",
    "signup",
    "sign-up",
    "author__bio",
    "author-bio",
    "biography",
    "comments",
    "related",
    "recirc",
    "promo",
)
BESIDE_WORDS = 150
#: A heading with at least this share of its words in links is a teaser for another article; so is its container, if it is short.
LINK_SHARE, TEASER_WORDS = 0.5, 60
#: A paragraph is only a link if it has at most LABEL_WORDS words outside the link and at least LINK_WORDS in it.
LABEL_WORDS, LINK_WORDS = 5, 4
#: Containers of one class are parts of one body if their own paragraphs are longer than this, in code points.
PART_LENGTH = 300
BODY_NAMES = ("body", "article", "content", "story", "text")


def prepare(tree: Element) -> tuple[str, ...]:
    """Change a parsed page in place. Returns the names of the repairs made to its text."""
    for element in [*tree.xpath(HIDDEN), *_beside(tree), *_teasers(tree), *_links(tree)]:
        if element.getparent() is not None:
            element.drop_tree()
    _join_parts(tree)
    return ("quotation marks of <q> elements and posts added",) if _mark_quotations(tree) else ()


def _mark_quotations(tree: Element) -> bool:
    found = [q for q in tree.xpath(MARKED) if q.text_content().strip()]
    for element in found:
        text = element.text_content().strip()
        if text[0] not in "\"“'‘":
            element.text = f"“{element.text or ''}"
            last = element[-1] if len(element) else None
            if last is None:
                element.text += "”"
            else:
                last.tail = f"{last.tail or ''}”"
        if element.tag == "q":
            element.drop_tag()
    return bool(found)


def _words(element: Element) -> int:
    return len(fold_words(element.text_content()).split())


def _beside(tree: Element) -> Iterator[Element]:
    named = " or ".join(f"contains(@class, '{name}')" for name in BESIDE)
    for element in tree.xpath(
        f"//body//*[(self::div or self::section or self::aside or self::form) and ({named}) and not(.//h1)]"
    ):
        if _words(element) <= BESIDE_WORDS:
            yield element


def _teasers(tree: Element) -> Iterator[Element]:
    """Headings that are links to other articles, with the few lines beside them."""
    for heading in tree.xpath(
        "//*[self::h2 or self::h3 or self::h4 or self::h5][.//a[@href and not(starts-with(@href, '#'))]]"
    ):
        linked = sum(map(_words, heading.iter("a")))
        if linked >= LINK_WORDS and linked >= LINK_SHARE * _words(heading):
            parent = heading.getparent()
            is_card = parent.tag in ("div", "li", "section") and _words(parent) <= TEASER_WORDS
            yield parent if is_card else heading


def _links(tree: Element) -> Iterator[Element]:
    """Paragraphs that consist of a link and a label."""
    for paragraph in tree.xpath("//p[.//a[@href]]"):
        text = paragraph.text_content().strip()
        linked = sum(map(_words, paragraph.iter("a")))
        label = _words(paragraph) - linked
        if linked >= LINK_WORDS and label <= LABEL_WORDS and text[-1:] not in (".", "”", '"'):
            yield paragraph


def _join_parts(tree: Element) -> None:
    """Move the parts of a body that is divided by advertisements into the first: trafilatura takes only one container."""
    parts: dict[str, list[Element]] = {}
    for element in tree.xpath("//div[@class and p]"):
        name = element.get("class")
        if (
            any(word in name.lower() for word in BODY_NAMES)
            and sum(len(p.text_content()) for p in element.iterchildren("p")) > PART_LENGTH
        ):
            parts.setdefault(name, []).append(element)
    for first, *others in parts.values():
        for other in others:
            if first not in other.iterancestors():
                first.extend(list(other))
