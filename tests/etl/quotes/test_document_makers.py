import pytest

from etl.model.annotate import Annotator
from tests.etl.quotes.test_coreference import staged


@pytest.mark.parametrize(
    "text",
    [
        "A Microsoft report said sales fell.",
        "A report by Microsoft said sales fell.",
        "Microsoft said in a report that sales fell.",
    ],
)
def test_who_made_a_document_is_known_from_then_on(annotator: Annotator, text: str) -> None:
    layout, _, references = staged(annotator, f"Sales\n\n{text} “They will rise,” the report added.\n")
    assert {(d.noun, d.maker.name) for d in references.documents} == {("report", "Microsoft")}
    assert layout.words[references.documents[0].position].text == "report"


def test_a_document_of_nobody_named_has_no_maker(annotator: Annotator) -> None:
    _, _, references = staged(annotator, "Sales\n\nA new report said sales fell. Microsoft did not comment.\n")
    assert references.documents == []
