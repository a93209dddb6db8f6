from itertools import pairwise

import pytest

from etl.extract.article import Extract, extract
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.sources.record import Record

TRANSCRIPT = """Debate in Port Ellery

The partial transcript follows.

"TOLGARTH: Will the ferry run on Sunday?

"MARRACK: It will run when the river lets it.

"TOLGARTH: And on Monday?"
"""


@pytest.fixture(scope="module")
def found(annotator: Annotator) -> Extract:
    return next(extract([parse(Record(0, TRANSCRIPT), Hints())], annotator))


def test_every_speaker_with_an_entity_is_named_by_a_mention(found: Extract) -> None:
    mentioned = {mention.entity_id for mention in found.mentions}
    assert {quote.speaker_entity_id for quote in found.quotes} - {None} <= mentioned


def test_a_transcript_is_two_speakers_who_speak_in_turn(found: Extract) -> None:
    assert [quote.speaker_name for quote in found.quotes] == ["Tolgarth", "Marrack", "Tolgarth"]
    people = {mention.entity_id for mention in found.mentions if mention.entity_type == "PERSON"}
    assert {quote.speaker_entity_id for quote in found.quotes} == people


def test_a_label_is_the_speaker_though_the_paragraph_before_it_is_not_closed(found: Extract) -> None:
    assert [quote.speaker_via for quote in found.quotes] == ["named"] * 3
    assert found.quotes[0].speaker_entity_id == found.quotes[2].speaker_entity_id != found.quotes[1].speaker_entity_id


DEBATE = """Harbour debate

Skerrow, 3 March 2031

MODERATOR: Good evening and welcome. Tonight we talk about the wall and the money.

HOLT: We will rebuild the wall before winter, and we will pay for it with the port fees.

REPORTER: Where will the money for the second half come from?

THE PRESIDENT: I would only add that it is dear to us all.

LANG: Thank you, Paul.

UNIDENTIFIED FEMALE: You promised us a school, and we still have none.

SEN. EDITH REED (D-NM), LEADER OF THE SENATE: We did all that we could.
"""


def test_labels_of_a_transcript_that_say_what_somebody_is_name_nobody(annotator: Annotator) -> None:
    page = parse(Record(0, DEBATE), Hints())
    found = next(extract([page], annotator))
    assert (page.authors, page.language) == ((), "en")
    assert [(quote.speaker_name, quote.speaker_type) for quote in found.quotes] == [
        (None, "anonymous"),
        ("Holt", "person"),
        (None, "anonymous"),
        (None, "anonymous"),
        ("Lang", "person"),
        (None, "anonymous"),
        ("Edith Reed", "person"),
    ]
    mentioned = {mention.entity_id for mention in found.mentions}
    assert {quote.speaker_entity_id for quote in found.quotes} - {None} <= mentioned


def test_initials_are_the_person_they_stand_for_or_nobody(annotator: Annotator) -> None:
    text = (
        "Five questions for Edith Reed\n\nSkerrow Times: Why did you run?\n\nEdith Reed: Because nobody else would.\n\n"
        "ST: Do you regret it?\n\nER: Not for a day, and I will run again.\n"
    )
    found = next(extract([parse(Record(0, text), Hints())], annotator))
    names = {text[q.speaker_start : q.speaker_end]: q.speaker_name for q in found.quotes if q.speaker_start is not None}
    assert (names["Edith Reed"], names["ER"], names["ST"]) == ("Edith Reed", "Edith Reed", None)


def test_mentions_are_in_order_and_apart(found: Extract) -> None:
    assert found.mentions
    spans = [(mention.start, mention.end) for mention in found.mentions]
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
