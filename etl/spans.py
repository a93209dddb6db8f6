"""Spans of a text, compared as people compare them: marks and white space at their edges do not count."""

#: What a quotation may begin or end with besides its words.
EDGE = " \t\r\n\u00a0\"“”„«»‘’‚‹›'`´.,;:!?…—–-()[]"
#: Two spans are of the same words if their intersection over union, without their edges, is at least this.
MIN_OVERLAP = 0.8

Span = tuple[int, int]


def strip_edges(text: str, start: int, end: int) -> Span:
    """Trim quotation marks, punctuation and whitespace from the edges of a span."""
    while start < end and text[start] in EDGE:
        start += 1
    while end > start and text[end - 1] in EDGE:
        end -= 1
    return start, end


def overlap(a: Span, b: Span) -> float:
    """Intersection over union of two spans."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return 0.0 if shared <= 0 else shared / (max(a[1], b[1]) - min(a[0], b[0]))
