"""Find who made the documents in an article, such as "the report" or "a Times article"."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl.entities.mentions import Mention
from etl.knowledge.nouns import DOCUMENTS
from etl.quotes.candidate_speakers import CandidateSpeakers, is_speaking
from etl.quotes.layout import ArticleLayout

MAKERS = frozenset({"PERSON", "ORG", "GPE", "NORP"})
#: The text allowed between a maker and the document: "Times's latest internal report", "report by the Times".
BETWEEN = re.compile(r"(?:['’]s?)?(?: [\w-]+){0,2} ?")
FROM = re.compile(r" (?:released |published |issued |written |obtained )?(?:by|from) (?:the |a )?")
#: How far before and after a document to search for its maker, in code points.
REACH = 60
#: The number of preceding documents to search.
N_BACK = 50


@dataclass(frozen=True, slots=True)
class Document:
    """A mention of a document: the position of its noun, the noun, and its maker."""

    position: int
    noun: str
    maker: Mention


def find_documents(layout: ArticleLayout, candidates: CandidateSpeakers) -> list[Document]:
    """The documents outside quotations whose maker the article names, in order."""
    named = [m for m in candidates.mentions if m.entity_type in MAKERS]
    starts = [m.start for m in named]
    speaking = {c.sentence_no: c.mention for c in reversed(candidates.in_order) if c.mention and is_speaking(layout, c)}
    return list(_found(layout, named, starts, speaking))


def _found(
    layout: ArticleLayout, named: Sequence[Mention], starts: Sequence[int], speaking: dict[int, Mention]
) -> Iterator[Document]:
    text = layout.page.text
    for position, word in enumerate(layout.words):
        noun, start, end = word.text.lower(), word.start, word.end
        if noun not in DOCUMENTS or word.is_quoted:
            continue
        before = bisect_left(starts, start) - 1
        after = FROM.match(text, end, end + REACH)
        maker = None
        if before >= 0 and start - REACH < named[before].end <= start:
            maker = named[before] if BETWEEN.fullmatch(text, named[before].end, start) else None
        if maker is None and after:
            behind = bisect_right(starts, after.end() - 1)
            maker = named[behind] if behind < len(named) and named[behind].start <= after.end() else None
        if maker is None and layout.lower(position - 2) == "in":
            maker = speaking.get(word.sentence_no)
        if maker:
            yield Document(position, noun, maker)


def maker_of(documents: Sequence[Document], position: int, noun: str) -> Mention | None:
    """The maker of the document at a position: as stated there, or at the most recent use of the same noun."""
    last = bisect_right(documents, position, key=lambda d: d.position)
    return next((d.maker for d in reversed(documents[max(last - N_BACK, 0) : last]) if d.noun == noun), None)
