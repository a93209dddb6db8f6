"""Kinds of page that people reported as read wrongly, each in our own words: who speaks, in the order of the page."""

import pytest

from etl.extract.article import extract
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.sources.record import Record

HEAD = "Lock keepers meet at Skerrow\n\n"


def spoken(annotator: Annotator, text: str) -> list[tuple[str, str | None]]:
    """The quoted stretches of an article, without their marks, each with the name of its speaker."""
    [found] = extract([parse(Record(0, HEAD + text), Hints())], annotator)
    quotes = [q for q in found.quotes if q.kind != "indirect"]
    return [(found.page.text[q.start : q.end].strip("\"'“”‘’,. "), q.speaker_name) for q in quotes]


@pytest.mark.parametrize(
    "rank", ["Sgt.", "Cpl.", "Lt. Col.", "Det. Sgt.", "Cllr", "Insp", "Fr.", "Supt.", "Squadron Leader", "Rt. Rev."]
)
def test_a_rank_is_no_speaker_and_no_part_of_the_name(annotator: Annotator, rank: str) -> None:
    text = f'"The gate gave way at dawn," said {rank} Martin Fenwick.\n\n"We saw it go," {rank} Fenwick said.\n'
    assert [who for _, who in spoken(annotator, text)] == ["Martin Fenwick"] * 2


@pytest.mark.parametrize(("left", "right", "apostrophe"), [("‘", "’", "’"), ("'", "'", "'"), ("“", "”", "’")])
def test_an_article_may_quote_in_single_marks(annotator: Annotator, left: str, right: str, apostrophe: str) -> None:
    text = (
        f"{left}We can{apostrophe}t open the twins{apostrophe} lock before June,{right} said Martin Fenwick, the engineer.\n\n"
        f"{left}It won{apostrophe}t be ready,{right} he added. {left}I told them so.{right}\n\n"
        f"Laura Benson called the delay {left}a disgrace for the bargemen{right} and left.\n"
    )
    assert spoken(annotator, text) == [
        (f"We can{apostrophe}t open the twins{apostrophe} lock before June", "Martin Fenwick"),
        (f"It won{apostrophe}t be ready", "Martin Fenwick"),
        ("I told them so", "Martin Fenwick"),
        ("a disgrace for the bargemen", "Laura Benson"),
    ]


def test_copy_in_capitals_has_the_same_speakers(annotator: Annotator) -> None:
    text = (
        "MARTIN FENWICK, AN ENGINEER, CLOSED THE LOCK ON MONDAY.\n\n"
        '"THE GATE GAVE WAY AT DAWN," FENWICK SAID.\n\n"NOBODY WAS HURT," SAID LAURA BENSON.\n'
    )
    assert [who for _, who in spoken(annotator, text)] == ["Martin Fenwick", "Laura Benson"]


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("Peter van der Molen", "van der Molen"),
        ("Laura Del Rosso", "Del Rosso"),
        ("Martin Hartley Fenwick-Shaw", "Hartley Fenwick-Shaw"),
        ("Brian O’Hanlon", "O'Hanlon"),
        ("Edith “Dolly” Fenwick", "Fenwick"),
    ],
)
def test_a_surname_is_the_person_named_in_full(annotator: Annotator, full: str, short: str) -> None:
    text = f'The engineer, {full}, came first.\n\n"The gate gave way at dawn," {short} said.\n'
    plain = full.replace("“Dolly” ", "")
    assert spoken(annotator, text)[-1] == ("The gate gave way at dawn", plain)


@pytest.mark.parametrize(
    ("first", "second"), [("Laura Benson", "her brother, Martin Benson"), ("Edith Shaw", "Mr Fenwick")]
)
def test_he_is_a_man_and_she_a_woman_whoever_was_named_last(annotator: Annotator, first: str, second: str) -> None:
    text = (
        f"{first} keeps the lock with {second}.\n\n"
        '"It was his idea," she said.\n\n"It was her lock," he said.\n\n"We shall see," she said.\n'
    )
    name = second.removeprefix("her brother, ").removeprefix("Mr ")
    assert [who for _, who in spoken(annotator, text)] == [first, name, first]


def test_the_dead_say_nothing_after_their_death(annotator: Annotator) -> None:
    text = (
        "Martin Fenwick lost his son Peter Fenwick in the flood. Peter Fenwick died on Sunday night.\n\n"
        '"I taught that boy to swim myself," he said.\n'
    )
    assert spoken(annotator, text) == [("I taught that boy to swim myself", "Martin Fenwick")]


def test_a_transcript_speaks_without_marks(annotator: Annotator) -> None:
    text = (
        "LAURA BENSON: Thank you all for coming. We can open the lock in June.\n\n"
        "MARTIN FENWICK: It was promised for May.\n\nI have the letter here.\n\n"
        "BENSON: You have a letter. I have a budget.\n"
    )
    assert spoken(annotator, text) == [
        ("Thank you all for coming. We can open the lock in June", "Laura Benson"),
        ("It was promised for May", "Martin Fenwick"),
        ("I have the letter here", "Martin Fenwick"),
        ("You have a letter. I have a budget", "Laura Benson"),
    ]


def test_who_answers_in_an_interview_is_whom_it_introduces(annotator: Annotator) -> None:
    text = (
        "The keeper of the lock, Laura Benson, met readers on Monday.\n\n"
        "Q: Why did the gate fall?\n\nA: It was older than I am.\n\nQ. Will it be mended?\n\nA. We hope so.\n"
    )
    assert spoken(annotator, text) == [("It was older than I am", "Laura Benson"), ("We hope so", "Laura Benson")]


@pytest.mark.parametrize(
    "line", ["{quote} — {name}, 44, bargeman", "{quote} -- {name}", "{quote} ({name}, bargeman)", "{name}: {quote}"]
)
def test_a_name_beside_the_words_is_the_speaker(annotator: Annotator, line: str) -> None:
    said = [("“They never asked us.”", "Laura Benson"), ("“I would wait another year.”", "Martin Fenwick")]
    text = "\n\n".join(line.format(quote=quote, name=name) for quote, name in said)
    assert [who for _, who in spoken(annotator, f"Voices from the towpath.\n\n{text}\n")] == [name for _, name in said]


def test_a_line_introduces_the_paragraph_after_it(annotator: Annotator) -> None:
    text = "And from Chairwoman Laura Benson:\n\n“Nobody knows these gates as Martin does.”\n"
    assert spoken(annotator, text) == [("Nobody knows these gates as Martin does", "Laura Benson")]


@pytest.mark.parametrize(
    "text",
    [
        "He saw the keeper walk off. The town did not respond to a letter. The council revealed a fine brass bell.\n",
        "Divers found the lock's key on Sunday. She called a ferry. The keeper noted the hour.\n",
        "Arsenby: Dawes, Crewe, Pike.\n\nMill Town: Shaw, Benson.\n\nReferee: P Holt.\n",
        "He watches the show “Gates of Skerrow” and reads “The Tide and the Lock” to his daughter.\n",
    ],
)
def test_what_nobody_says_is_no_quote(annotator: Annotator, text: str) -> None:
    [found] = extract([parse(Record(0, HEAD + text), Hints())], annotator)
    assert [found.page.text[q.start : q.end] for q in found.quotes] == []


def test_the_chairman_of_another_club_is_somebody_else(annotator: Annotator) -> None:
    text = (
        "Martin Fenwick, the chairman of Skerrow Rovers, came early.\n\n"
        "“The gate is ours,” said the chairman of Brill Athletic.\n\n“It is not,” Fenwick said.\n"
    )
    assert [who for _, who in spoken(annotator, text)] == [None, "Martin Fenwick"]


def test_a_list_of_quotations_after_a_colon_is_one_speakers(annotator: Annotator) -> None:
    text = "Martin Fenwick said three things of the plan: “It is late.” “Dear.” And “daft”.\n"
    assert spoken(annotator, text) == [(words, "Martin Fenwick") for words in ("It is late", "Dear", "daft")]


def test_an_insult_is_no_part_of_a_name(annotator: Annotator) -> None:
    text = "“I beat Crooked Laura Benson,” Martin Fenwick said.\n\n“He did not,” Benson said.\n"
    assert [who for _, who in spoken(annotator, text)] == ["Martin Fenwick", "Laura Benson"]


def test_words_before_somebody_elses_are_not_theirs(annotator: Annotator) -> None:
    text = (
        "Laura Benson keeps the lock. She said the gate fell at dawn.\n\n“I ran for my life.”\n\n"
        "Martin Fenwick said: “We have no money for a gate.”\n"
    )
    assert [who for _, who in spoken(annotator, text)] == ["Laura Benson", "Martin Fenwick"]


def test_who_speaks_is_named_though_all_the_copy_is_in_capitals(annotator: Annotator) -> None:
    text = (
        'THE LOCK CLOSED ON MONDAY.\n\n"IT IS A DISGRACE," FENWICK SAID.\n\n'
        'FRANK FENWICK, A BARGEMAN, HAS A BOAT THERE. OFFICIALS SAID NOTHING.\n\n"IT WILL OPEN," SAID BENSON.\n'
    )
    assert spoken(annotator, text) == [("IT IS A DISGRACE", "Frank Fenwick"), ("IT WILL OPEN", "Benson")]


def test_a_name_cut_at_a_line_end_is_whole(annotator: Annotator) -> None:
    text = (
        "The gates of the lock fell on Monday night in the storm\nand nobody was hurt, the keepers of the lock said later.\n\n"
        '"The gate gave way at dawn," said Martin Fen-\nwick, who was an engineer. "It had been mended in the spri-\nng."\n'
    )
    assert [who for _, who in spoken(annotator, text)] == ["Martin Fenwick"] * 2


@pytest.mark.parametrize(
    ("asks", "answers"), [("MAYOR BENSON", "DR. FENWICK"), ("QUESTION", "FENWICK"), ("Benson", "Fenwick")]
)
def test_labels_may_be_titles_surnames_or_the_word_question(annotator: Annotator, asks: str, answers: str) -> None:
    text = (
        "The engineer Martin Fenwick met Laura Benson on Monday.\n\n"
        f"{asks}: Is the gate safe?\n\n{answers}: It is the safest gate there is.\n\n"
        f"{asks}: And the cost?\n\n{answers}: We do not know it.\n"
    )
    words = {"It is the safest gate there is": "Martin Fenwick", "We do not know it": "Martin Fenwick"}
    assert words.items() <= dict(spoken(annotator, text)).items()


def test_a_dead_man_s_surname_means_his_mother_when_it_speaks(annotator: Annotator) -> None:
    text = (
        "Peter Fenwick was killed in May when the gate fell. His mother, Laura Fenwick, has had one letter.\n\n"
        '"I will not stop until they answer," Fenwick said.\n'
    )
    assert spoken(annotator, text) == [("I will not stop until they answer", "Laura Fenwick")]


def test_one_word_after_a_colon_may_be_all_that_is_said(annotator: Annotator) -> None:
    text = 'Martin Fenwick had one word for his new keepers: "Run."\n\nThe gate has a name: "Old Tom".\n'
    assert spoken(annotator, text) == [("Run", "Martin Fenwick")]


def test_an_adjective_before_a_full_name_is_no_part_of_it(annotator: Annotator) -> None:
    text = 'Laura Benson opened the lock.\n\n"Lazy Laura Benson has no plan," said Martin Fenwick.\n\n"I have," Benson said.\n'
    assert [who for _, who in spoken(annotator, text)] == ["Martin Fenwick", "Laura Benson"]


@pytest.mark.parametrize("rank", ["Rear Adm.", "Vice Adm."])
def test_a_rank_of_several_words_cut_short_is_no_speaker(annotator: Annotator, rank: str) -> None:
    text = f'"The gate gave way at dawn," said {rank} Scott Vickers.\n\n"We saw it go," Vickers said.\n'
    assert [who for _, who in spoken(annotator, text)] == ["Scott Vickers"] * 2


def test_a_speaker_named_by_a_people_only_is_unsure(annotator: Annotator) -> None:
    [found] = extract(
        [parse(Record(0, HEAD + 'The two met on Monday.\n\n"We shook hands on it," said the American.\n'), Hints())],
        annotator,
    )
    assert [q.confidence < 0.5 for q in found.quotes if q.kind != "indirect"] == [True]


@pytest.mark.parametrize(
    ("before", "names"),
    [
        ("Norah Tallis left. A spokeswoman said the wall was closed.", {None}),
        ("A spokeswoman said the wall was closed. Norah Tallis left.", {"Norah Tallis"}),
        ("Norah Tallis left. A spokesman said the wall was closed.", {"Norah Tallis"}),
    ],
)
def test_she_is_the_unnamed_woman_who_spoke_last(annotator: Annotator, before: str, names: set[str | None]) -> None:
    [found] = extract([parse(Record(0, HEAD + before + ' "We are sorry for it," she said.\n'), Hints())], annotator)
    assert {q.speaker_name for q in found.quotes if q.speaker_via == "pronoun"} == names
