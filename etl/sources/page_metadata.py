"""The metadata of a web page: title, authors, dates, publisher, address.

A page states each of them several times: in JSON-LD, in ``meta``, ``h1`` and ``time`` elements, in ``title``. None of these is
always right. A value that several agree on wins; otherwise the one that publishing systems fill in most carefully.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from etl.sources.page_body import Element
from etl.text import fold_words

#: Suffixes of the types of JSON-LD nodes that describe the page's article (`https://schema.org/Article`).
ARTICLE_TYPES = ("Article", "Posting", "Report", "Review")
#: Keys of a JSON-LD node that contain further nodes of the same page.
NESTED = ("@graph", "mainEntity")
#: Names of ``meta`` elements (``property``, ``name`` or ``itemprop``), the most reliable first.
TITLES = tuple("og:title sailthru.title parsely-title cxenseparse:title dc.title dcterms.title twitter:title".split())
PUBLISHED = tuple(
    """article:published_time og:article:published_time og:published_time datepublished pubdate publishdate publish_date
    publish-date publication_date parsely-pub-date cxenseparse:publishtime cxenseparse:recs:publishtime dc.date.issued
    dcterms.issued dc.date dcterms.date dc.date.created dcterms.created date sailthru.date pub_date date.available date.created
    published rnews:datepublished article:published article.published bt:pubdate citation_publication_date pdate""".split()
)
UPDATED = tuple("article:modified_time og:updated_time datemodified last-modified lastmod dcterms.modified".split())
AUTHORS = tuple(
    """author article:author article:author_name parsely-author sailthru.author cxenseparse:author mrf:authors og:author
    dc.creator dcterms.creator byl creator""".split()
)
SECTIONS = tuple("article:section parsely-section sailthru.section articlesection dc.subject.section".split())
SITES = tuple("og:site_name application-name apple-mobile-web-app-title publisher dc.publisher".split())
#: Elements that name an author, for pages where neither JSON-LD nor a ``meta`` element does.
AUTHOR_ELEMENTS = (
    "//*[@itemprop='author']/descendant-or-self::*[@itemprop='name']",
    "//*[@itemprop='author' and not(@content)]",
    "//a[@rel='author']",
    "//*[contains(@class, 'byline') or contains(@class, 'author-name')]",
)
#: Elements that print the date, the most reliable first. Excludes dates of other articles and of updates.
DAY_ELEMENTS = (
    "//time[@itemprop='datePublished' or @pubdate]/@datetime",
    "//*[@itemprop='datePublished']/@content",
    "(//article|//main|//header)//time[not(@itemprop='dateModified') and not(ancestor::aside or ancestor::nav)]/@datetime",
    "(//article|//main|//header)//time[not(@datetime) and not(ancestor::aside or ancestor::nav)]",
    "//*[contains(@class, 'publish') and (contains(@class, 'date') or contains(@class, 'time') or contains(@class, 'on'))]",
)
HAS_DAY = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)|\A\s*\d{10}(?:\d{3})?\s*\Z")
#: The date in JSON-LD that is not valid JSON.
LINKED_DAY = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
#: Names of ``meta`` elements with the summary. Many pages also print it above the article.
SUMMARIES = ("og:description", "description", "twitter:description")
#: The longest summary, in code points.
MAX_SUMMARY = 400
#: The shortest summary, in words.
SUMMARY_WORDS = 6
#: Separators between a headline and the names of section and site. A colon is part of the headline.
SEPARATOR = re.compile(r"(\s+[|–—·•»*~-]\s+|\s*\|\s*)")
#: The most words in a section's name between headline and site, and the fewest words of the headline that is left.
SECTION_WORDS, LEFT_WORDS = 2, 3
#: An ``h1`` is not the headline if its agreement with each stated title is lower than this (F1 of the words) …
AGREEMENT = 0.5
#: … unless it is the only one and has at least this many words, more than names of sites and sections have.
HEADING_WORDS = 5
#: The longest text of an element that prints an author or a date, in code points.
MAX_VALUE = 120
NOT_NAME = re.compile(r"https?:|www\.|\S@\S|@\w|\A[a-z0-9._-]+\Z|\A\W*\Z")


def page_metadata(tree: Element, page: str) -> dict[str, object]:
    """The fields of `etl.sources.record.FIELD_NAMES` that a page gives; None for a field it lacks."""
    meta, nodes = _meta(tree), list(_nodes(tree))
    articles = _articles(nodes)
    sites = [*_named(nodes, articles, "publisher"), *(v for key in SITES for v in meta.get(key, ()))]
    address = next(iter((*tree.xpath("//link[@rel='canonical']/@href"), *meta.get("og:url", ()))), None)
    linked = [str(a[key]) for key in ("datePublished", "dateCreated") for a in articles if a.get(key)]
    broken = [] if articles else LINKED_DAY.findall(page)
    return {
        "title": _title(tree, meta, articles, _site_keys(tree, sites, address)),
        "published": _day([*linked, *_values(meta, PUBLISHED), *broken, *_found(tree, DAY_ELEMENTS)]),
        "updated": _day(
            [*(str(a["dateModified"]) for a in articles if a.get("dateModified")), *_values(meta, UPDATED)]
        ),
        "authors": _authors(tree, meta, _named(nodes, articles, "author", "creator"), sites),
        "publisher": next((s for s in (*_values(meta, SITES[:1]), *sites) if not NOT_NAME.search(s)), None),
        "sections": [*_named(nodes, articles, "articleSection")] or list(dict.fromkeys(_values(meta, SECTIONS))),
        "url": address,
    }


def standfirst(tree: Element) -> str | None:
    """The summary from the metadata, if the page also prints it in an element of its own; else None."""
    stated = {fold_words(value) for value in _values(_meta(tree), SUMMARIES)}
    stated = {value for value in stated if len(value.split()) >= SUMMARY_WORDS}
    if not stated:
        return None
    elements = tree.xpath("//body//*[self::p or self::h2 or self::div or self::span]")
    printed = (" ".join(element.text_content().split()) for element in elements)
    return next((text for text in printed if len(text) <= MAX_SUMMARY and fold_words(text) in stated), None)


def _meta(tree: Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = (element.get("content") or "").strip()
        name = element.get("property") or element.get("name") or element.get("itemprop")
        if content and name:
            found.setdefault(name.strip().lower(), []).append(html.unescape(content))
    return found


def _values(meta: Mapping[str, Sequence[str]], names: Iterable[str]) -> list[str]:
    return [value for name in names for value in meta.get(name, ())]


def _nodes(tree: Element) -> Iterator[Mapping[str, Any]]:
    """The JSON-LD nodes of the page itself, without nodes nested as parts (posts of a live blog, related pages)."""
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        try:
            waiting = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, list):
                waiting[:0] = node
            elif isinstance(node, dict):
                yield node
                waiting[:0] = [node[key] for key in NESTED if key in node]


def _articles(nodes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The nodes that describe the article, those with a headline first; then those that describe the page."""
    typed = [(node, _listed(node.get("@type"))) for node in nodes]
    found = [node for node, types in typed if any(str(t).endswith(ARTICLE_TYPES) for t in types)]
    return sorted(found, key=lambda n: "headline" not in n) + [n for n, types in typed if "WebPage" in types]


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _named(nodes: Sequence[Mapping[str, Any]], articles: Sequence[Mapping[str, Any]], *keys: str) -> list[str]:
    """The names under the first of the keys that an article node has. A bare ``@id`` is looked up."""
    known = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
    for article in articles:
        for key in keys:
            values = [
                known.get(v.get("@id"), v) if isinstance(v, dict) and "name" not in v else v
                for v in _listed(article.get(key))
            ]
            if names := [name for value in values if (name := _name(value))]:
                return names
    return []


def _name(value: object) -> str | None:
    if isinstance(value, dict):
        parts = [value.get("givenName"), value.get("familyName")]
        value = value.get("name") or " ".join(p for p in parts if isinstance(p, str))
        value = value[0] if isinstance(value, list) and value else value
    return " ".join(html.unescape(value).split()) if isinstance(value, str) and value.strip() else None


def _day(values: Iterable[str]) -> str | None:
    return next((value for value in values if HAS_DAY.search(value)), None)


def _found(tree: Element, paths: Iterable[str]) -> Iterator[str]:
    """The texts of the elements at some XPaths, if they are short enough for a name or date."""
    for path in paths:
        for element in tree.xpath(path):
            text = " ".join((element if isinstance(element, str) else element.text_content()).split())
            if text and len(text) <= MAX_VALUE:
                yield text


def _authors(
    tree: Element, meta: Mapping[str, Sequence[str]], linked: Sequence[str], sites: Sequence[str]
) -> list[str] | None:
    """The author names from the first place that names a person; if none does, from the first that names anything."""
    own = {_key(site) for site in sites}
    places = [
        list(linked),
        *(list(meta.get(name, ())) for name in AUTHORS),
        *([t] for t in _found(tree, AUTHOR_ELEMENTS)),
    ]
    named = [names for place in places if (names := [n for n in place if not NOT_NAME.search(n)])]
    people = [names for place in named if (names := [n for n in place if _key(n) not in own and " " in n])]
    return next(iter((*people, *named)), None)


def _title(
    tree: Element, meta: Mapping[str, Sequence[str]], articles: Sequence[Mapping[str, Any]], sites: set[str]
) -> str | None:
    """The ``h1`` that agrees best with the stated titles; the first of these if none agrees."""
    headlines = [a["headline"] for a in articles if isinstance(a.get("headline"), str)]
    tabs = [t.text_content() for t in tree.xpath("//head/title|/html/title")][:1]
    raw = (" ".join(html.unescape(t).split()) for t in (*headlines, *_values(meta, TITLES), *tabs))
    stated = [title for t in raw if (title := without_site(t, sites))]
    printed = [h for h in (" ".join(h.text_content().split()) for h in tree.iter("h1")) if h and _key(h) not in sites]
    best = max(printed, key=lambda h: _agreement(h, stated), default=None)
    if best and (_agreement(best, stated) >= AGREEMENT or (len(printed) == 1 and len(best.split()) >= HEADING_WORDS)):
        return best
    return next(iter(stated), None)


def _agreement(heading: str, titles: Iterable[str]) -> float:
    words = Counter(fold_words(heading).split())
    others = (Counter(fold_words(title).split()) for title in titles)
    return max((2 * (words & o).total() / max(1, words.total() + o.total()) for o in others), default=0.0)


def without_site(title: str, sites: set[str]) -> str:
    """A title without the names of site and section before or after it. ``sites`` are keys (`_key`)."""
    before, _, after = title.partition(": ")
    pieces = SEPARATOR.split(after if _key(before) in sites else title)
    is_cut = False
    while len(pieces) > 1:
        rest = "".join(pieces[:-2])
        is_section = is_cut and len(pieces[-1].split()) <= SECTION_WORDS and len(rest.split()) >= LEFT_WORDS
        if _key(pieces[-1]) not in sites and not is_section:
            break
        pieces, is_cut = pieces[:-2], True
    while len(pieces) > 1 and _key(pieces[0]) in sites:
        pieces = pieces[2:]
    return "".join(pieces).strip()


def _site_keys(tree: Element, sites: Iterable[str], address: str | None) -> set[str]:
    """The keys of the site's names: those it states, its host, and the label of the link to its front page."""
    host = (urlsplit(address).hostname or "").removeprefix("www.") if address else ""
    home = tree.xpath("//a[@href='/' or @rel='home']")
    said = [text for a in home for text in (a.text_content(), *a.xpath("@title|.//img/@alt"))]
    return {key for name in (*sites, host, host.partition(".")[0], *said) if (key := _key(name))}


def _key(name: str) -> str:
    """A site's name for comparison: letters and digits only, without article and top-level domain."""
    bare = re.sub(
        r"\A(?:https?://)?(?:www\.)?(?:the\s+)?|\.(?:com|org|net|co\.\w\w|\w\w)/?\Z", "", name.strip().casefold()
    )
    return "".join(filter(str.isalnum, bare))
