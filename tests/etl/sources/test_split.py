"""Several articles in one file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.sources.split import own_key, split

ONE = "Ferry Stops for Winter\n\nBy Odile Marrack\n\nThe ferry will not sail until May, its owner said.\n"
TWO = "Wall to Be Mended\n\nMarch 4, 2031\n\nThe quay wall will be mended before the winter.\n"


@pytest.mark.parametrize(
    "rule", ["=" * 40, "-" * 30, "*" * 60, "_" * 24, "~" * 20, "===", "***", "---", "* * *", "#####", "\f"]
)
def test_a_rule_before_a_new_head_cuts(rule: str) -> None:
    assert [piece.strip() for piece in split(f"{ONE}\n{rule}\n\n{TWO}")] == [ONE.strip(), TWO.strip()]


@pytest.mark.parametrize("rule", ["***", "* * *", "---", "#####"])
def test_a_short_rule_between_sections_does_not(rule: str) -> None:
    text = (
        f"{ONE}\n{rule}\n\nThe owner then spoke of next year, and of the year after it.\n\nNobody asked him anything.\n"
    )
    assert split(text) == [text]


def test_an_ornament_above_the_first_article_does_not() -> None:
    text = f"{'=' * 40}\n{ONE}"
    assert split(text) == [text]


def test_counted_documents_keep_their_own_text() -> None:
    text = "".join(f"Document {n} of 3\n\nThe Tern\n\nHEADLINE: Item {n}\n\nRain fell.\n\n" for n in (1, 2, 3))
    pieces = split(text)
    assert [piece.partition("\n")[0] for piece in pieces] == ["Document 1 of 3", "Document 2 of 3", "Document 3 of 3"]
    assert all(piece in text for piece in pieces)
    assert len(split(text.replace("Document ", "").replace(" of 3", " of 3 DOCUMENTS"))) == 3


def test_header_blocks_cut_where_the_first_key_comes_again() -> None:
    block = "Title: {t}\nURL: https://tern.example/{t}\n\nRain fell on {t}, where the Title: page had been.\n\n"
    pieces = split(block.format(t="Orla") + block.format(t="Haven"))
    assert [own_key(piece) for piece in pieces] == ["https://tern.example/Orla", "https://tern.example/Haven"]


def test_an_article_that_mentions_documents_is_one() -> None:
    text = "Papers Found\n\nThe clerk read from document 3 of 161 and stopped.\n"
    assert split(text) == [text]


def test_own_keys_come_from_the_header_lines() -> None:
    assert own_key("Title: Rain\nID: 4711\nURL: https://tern.example/rain\n\nRain.") == "4711"
    assert own_key("Rain fell.\n") is None


RULES = st.sampled_from(
    ["\n", "\n\n", "=" * 30, "***", ONE, TWO, "Document 1 of 2", "Title: A", "Date: 1 May 2031", " ", "a"]
)


@given(st.lists(RULES, max_size=12).map("\n".join))
def test_pieces_are_slices_in_order_and_lose_no_word(text: str) -> None:
    at = 0
    for piece in split(text):
        at = text.index(piece, at) + len(piece)
    words = [word for piece in split(text) for word in piece.split()]
    lost = list(text.split())
    for word in words:
        lost.remove(word)
    assert not any(any(map(str.isalnum, word)) for word in lost)
