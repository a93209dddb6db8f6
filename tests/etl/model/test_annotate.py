import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.model.annotate import Annotation, Annotator, unread
from etl.model.encoder import Reading
from etl.model.heads import COLUMNS, NAME_CLASSES, NAME_LABELS, RELATIONS, column
from etl.page.parse import Page
from etl.schema import ENTITY_TYPES
from tests.etl.model.test_pieces import TEXT
from tests.pages import page_of

#: How an encoder's words are told apart here: as runs of letters and digits, and single marks.
WORD = re.compile(r"\w+|[^\w\s]")


class Sure:
    """Stands in for an encoder that is sure of one name, wherever it is printed, and of its class."""

    def __init__(self, name: str, kind: str) -> None:
        self._name, self._kind = name, kind

    def __call__(self, text: str) -> Reading:
        spans = [match.span() for match in WORD.finditer(text)]
        scores = np.zeros((len(spans), sum(COLUMNS.values())), np.float32)
        scores[:, column("relation").start + RELATIONS["dep"]] = 1
        inside = {at for match in re.finditer(re.escape(self._name), text) for at in range(*match.span())}
        for n, (start, _) in enumerate(spans):
            part = "I" if n and spans[n - 1][0] in inside else "B"
            label = f"{part}-{self._kind}" if start in inside else "O"
            scores[n, column("name").start + NAME_LABELS.index(label)] = 20
        starts, ends = (np.array([span[n] for span in spans], np.int32) for n in (0, 1))
        none = np.zeros((1, scores.shape[1]), np.float32)
        return Reading(starts, ends, scores, np.zeros(len(spans), np.int32), none, starts * 0)


def annotated(monkeypatch: pytest.MonkeyPatch, text: str, name: str, kind: str) -> Annotation:
    monkeypatch.setattr("etl.model.annotate.Encoder", lambda _: Sure(name, kind))
    (annotation,) = Annotator()([page_of(text)])
    return annotation


def names(annotation: Annotation) -> list[tuple[str, str]]:
    return [(annotation.tokens.of(start, end), label) for start, end, label in annotation.names]


@pytest.mark.parametrize(
    ("name", "kind", "label"),
    [
        ("Odile Marrack", "PER", "PERSON"),
        ("Skerrow Council", "ORG", "ORG"),
        ("Norvane", "LOC", "GPE"),
        ("Skerrow Bay", "LOC", "LOC"),
        ("Skerrow Bridge", "LOC", "FAC"),
        ("Norvanian", "NORP", "NORP"),
        ("Night Ferry", "MISC", "WORK_OF_ART"),
        ("Skerrow Festival", "MISC", "EVENT"),
        ("Harbour Walls Act", "MISC", "LAW"),
    ],
)
def test_a_name_has_the_class_of_the_encoder_or_of_its_last_word(
    monkeypatch: pytest.MonkeyPatch, name: str, kind: str, label: str
) -> None:
    annotation = annotated(monkeypatch, f"They knew {name} well.", name, kind)
    assert names(annotation) == [(name, label)]
    assert label in ENTITY_TYPES


def test_a_token_that_a_name_covers_in_part_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    annotation = annotated(monkeypatch, "They met Brian O'Hanlon there.", "Hanlon", "PER")
    assert names(annotation) == [("O'Hanlon", "PERSON")]


def test_what_the_encoder_sees_is_told_of_each_token(monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of("They met Ivo Tallis.", "He left.")
    monkeypatch.setattr("etl.model.annotate.Encoder", lambda _: Sure("Ivo Tallis", "PER"))
    (annotation,) = Annotator()([page])
    person = dict(zip(annotation.tokens.texts, annotation.seen[:, NAME_CLASSES.index("PER")].tolist(), strict=True))
    assert [word for word, odds in person.items() if odds > 0.99] == ["Ivo", "Tallis"]
    assert annotation.seen.shape == (len(annotation.tokens), len(NAME_CLASSES))
    blank = annotation.tokens.texts.index("\n\n")
    assert not annotation.seen[blank].any()


def test_the_full_stop_of_a_title_is_no_token() -> None:
    assert unread(page_of("Sgt. Quill left.")).tokens.texts == ("Sgt.", "Quill", "left", ".")


def test_a_page_without_prose_is_annotated(annotator: Annotator) -> None:
    (annotation,) = annotator([Page("", ())])
    assert (len(annotation.tokens), annotation.names, annotation.attributions) == (0, (), ())
    assert annotation.seen.shape == (0, len(NAME_CLASSES))


def test_plain_names_are_found(annotator: Annotator) -> None:
    (annotation,) = annotator([page_of("Mary Holt met John Reed in Leeds on Tuesday.")])
    assert names(annotation) == [("Mary Holt", "PERSON"), ("John Reed", "PERSON"), ("Leeds", "GPE")]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, st.data())
def test_whatever_a_page_holds_its_annotation_fits_its_tokens(
    annotator: Annotator, text: str, data: st.DataObject
) -> None:
    (annotation,) = annotator([page_of(text)])
    n, size = len(annotation.tokens), len(annotation.copy.text)
    assert all(0 <= start < end <= n and label in ENTITY_TYPES for start, end, label in annotation.names)
    assert all(a[0] <= b[0] for a, b in pairwise(annotation.names))
    assert annotation.seen.shape == (n, len(NAME_CLASSES))
    assert ((annotation.seen >= 0) & (annotation.seen <= 1.001)).all()
    for said in annotation.attributions:
        assert all(0 <= s.start < s.end <= size for s in (said.content, said.source, said.cue) if s)
    words = [n for n, token in enumerate(annotation.tokens.texts) if not token.isspace()]
    some = data.draw(st.lists(st.sampled_from(words), unique=True).map(sorted)) if words else []
    tree = annotation.parse(some) if some else None
    if tree:
        assert len(tree.tags) == len(tree.relations) == len(tree.heads) == len(some)
        assert [r == "ROOT" for r in tree.relations] == [head == at for at, head in enumerate(tree.heads)]


def test_a_sub_heading_is_not_who_says_what_stands_below_it(annotator: Annotator) -> None:
    flat = page_of(
        "Nobody was hurt, but 140 homes were flooded and the road was closed.",
        "A Warning in the Drawer",
        "Halvard Quill, the authority’s chief engineer, said he had written to the council two years ago about the stonework.",
    )
    above, heading, below = flat.passages
    page = replace(flat, passages=(above, replace(heading, kind="sub-heading"), below))
    (found,) = annotator([page])
    text = found.copy.text
    sources = {text[each.source.start : each.source.end] for each in found.attributions if each.source}
    assert any("Halvard Quill" in source for source in sources)
    assert not any("Warning" in source for source in sources)
