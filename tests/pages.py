"""Pages made by hand."""

from etl.page.parse import Page, Passage


def page_of(*passages: str) -> Page:
    """A page of paragraphs, a blank line between them."""
    text, marked = "", []
    for passage in passages:
        marked.append(Passage("paragraph", len(text), len(text) + len(passage)))
        text += passage + "\n\n"
    return Page(text, tuple(marked))
