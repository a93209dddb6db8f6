"""What a line is by its wording alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.page.wording import is_furniture_only, is_headline, is_sub_heading, note_kind

PROSE = (
    "“I will read more,” Odile Marrack said.",
    "Share prices fell on Friday, and nobody in Port Orla knew why.",
    "Follow the river for an hour and you come to Ternhaven.",
    "The photo showed the wall as it was before the winter.",
    "Sign of rain: the gulls sat on the quay.",
    "Reporting a crime is easy, said Halvard Quill.",
    "Related firms paid for the wall, the auditors found.",
    "He closed the account (about 400 crowns).",
    "Reuters asked the board for the minutes, and was given none.",
    "It ends here.",
    "Get up, she told him, and mend the wall.",
)


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_no_note(text: str) -> None:
    assert note_kind(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Advertisement",
        "ADVERTISEMENT. ",
        "Continue reading the main story",
        "Read more: Ferry stops for winter",
        "READ ALSO: Wall to be mended",
        "Related: “I carried my mother down the stairs”",
        "Also on The Tern: ‘Ten rivers to see before you drown’",
        "Share this on Facebook",
        "Follow Odile Marrack on Twitter @omarrack",
        "Sign up for our newsletter",
        "Subscribe to get the Tern in your inbox every morning",
        "Scroll below for video",
        "Related stories:",
        "Slideshow (25 images)",
        "[Ferry stops for winter, and nobody knows until when]",
        "Mend the wall: trn.ex/2znSb0v",
        "https://tern.example/a/b",
        "* * *",
        "###",
        "____",
        "12 Comments",
        "Document 3 of 161",
        "(STORY CAN END HERE. OPTIONAL MATERIAL FOLLOWS)",
        "<tweet/>",
        "More>>",
    ],
)
def test_what_stands_beside_the_article_is_boilerplate(text: str) -> None:
    assert note_kind(text.strip()) == "boilerplate"


@pytest.mark.parametrize(
    "text",
    [
        "FILE PHOTO: The quay wall at Port Orla before the winter of 2031. REUTERS/Odile Marrack",
        "Photo: The wall",
        "Image copyright Getty Images",
        "Image caption The quay wall before it was mended",
        "The quay wall before the winter. (Photo by Odile Marrack)",
        "The quay wall before the winter (file photo)",
        "The quay wall before the winter. (AP Photo/Odile Marrack)",
        "Odile Marrack/Getty Images",
        "Reuters The quay wall before the winter",
        "Odile Marrack/The Tern",
    ],
)
def test_captions_and_credits(text: str) -> None:
    assert note_kind(text) == "caption"


@pytest.mark.parametrize(
    "text",
    [
        "(Reporting by Odile Marrack; Editing by Halvard Quill)",
        "Additional reporting by Tobias Fenwright in Ternhaven",
        "Odile Marrack contributed to this report.",
        "Copyright 2031 The Tern. All rights reserved.",
        "© 2031 The Tern",
        "-30-",
        "ENDS",
        "This story was first published on 4 March.",
        "An earlier version of this article misnamed the harbour master.",
        "Correction: the wall is forty years old, not fourteen.",
        "(h/t The Tern)",
        "(om/hq)",
    ],
)
def test_trailers(text: str) -> None:
    assert note_kind(text) == "trailer"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Marrack Thanks the Masons", True),
        ("The cost of the wall", True),
        ("Who will pay for the wall when the county has no money?", True),
        ("TRADE DEFICITS", True),
        ("The masons went home and nobody thought of the wall any more", False),
        ("It rained.", False),
        ("“We shall see”", False),
        ("4,000 5,000 6,000", False),
        ("and so on", False),
        ("Q: Will the wall be mended?", False),
        ("Question: Who will pay?", False),
        ("Quay Wall Mended", True),
        ("Marrack said:", False),
        ("What a wall — Odile Marrack (@omarrack) March 4, 2031", False),
    ],
)
def test_sub_headings_are_short_and_no_sentences(text: str, is_one: bool) -> None:
    assert is_sub_heading(text) == is_one


def test_headlines_are_no_runs_of_sentences() -> None:
    assert is_headline("Wall to Be Mended Before the Winter")
    assert is_headline("HARBOUR BOARD TO MEND WALL")
    assert is_headline("Marrack: ‘Nobody told us. We did not ask.’")
    assert not is_headline(
        "The harbour board met on Friday. It decided to mend the wall. Nobody objected to it in the end."
    )
    assert not is_headline("***")


@given(st.text(min_size=1, max_size=700).filter(lambda text: text.strip() == text))
def test_any_line_is_of_one_kind_or_none(text: str) -> None:
    assert note_kind(text) in (None, "boilerplate", "caption", "trailer")
    assert is_headline(text) in (True, False)
    assert is_sub_heading(text) in (True, False)


@pytest.mark.parametrize(
    "paragraph",
    [
        'This story was published by the ferry company, and the pilot calls it "a tale for children."',
        "Correction: “I never said that,” the pilot told the court.",
        "More: 'Nobody asked me what I thought of it,' she said.",
        'Watch > "Now you see the light go out," he said.',
    ],
)
def test_a_paragraph_with_speech_is_no_furniture(paragraph: str) -> None:
    assert note_kind(paragraph) is None


def test_words_of_links_and_buttons_say_nothing() -> None:
    assert is_furniture_only("Share this story on Facebook")
    assert is_furniture_only("Read more")
    assert not is_furniture_only("Share the pain, pilots tell owners")
