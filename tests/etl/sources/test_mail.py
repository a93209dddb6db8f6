"""Mails, as a newsroom's mailbox exports them."""

from base64 import encodebytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from etl.sources.file import read
from etl.sources.record import Record, Rejection

TEXT = "“The ferry will not sail until May,” said Odile Marrack, its owner – and nobody else.\n\nTobias Fenwright was sorry.\n"
SAID = {"title": "Ferry stops – for “winter”", "published": "Tue, 04 Mar 2031 10:00:00 +0000"}


def mail(subtype: str = "plain", content: str = TEXT) -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["Date"], made["From"] = SAID["title"], SAID["published"], "desk@norvane.example"
    made.set_content(content, subtype=subtype)
    return made


def article(data: bytes, name: str = "a.eml") -> Record:
    (found,) = read(data, name)
    assert isinstance(found, Record), found
    return found


@pytest.mark.parametrize("name", ["a.eml", "a.txt", "a"])
@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
def test_the_body_is_decoded_and_the_head_is_of_the_mail(name: str, encoding: str) -> None:
    made = mail()
    made.set_content(TEXT, cte=encoding)
    found = article(made.as_bytes(policy=SMTP), name)
    assert (found.text, dict(found.fields)) == (TEXT, SAID)


def test_of_several_bodies_the_plain_one_is_read_and_nothing_attached() -> None:
    made = mail()
    made.add_alternative("<p>The page.</p>", subtype="html")
    made.add_attachment("Another text.", filename="other.txt")
    assert article(made.as_bytes()).text == TEXT


def test_a_mail_that_is_a_page_is_read_as_one() -> None:
    page = f"<html><head><title>Norvane</title></head><body><p>{TEXT * 3}</p></body></html>"
    found = article(mail("html", page).as_bytes())
    assert "said Odile Marrack" in found.text
    assert "<p>" not in found.text
    assert dict(found.fields) == SAID


def test_a_body_in_another_encoding_than_it_says_is_read() -> None:
    head = b"Subject: Ferry\nMIME-Version: 1.0\nContent-Type: text/plain; charset=nowhere-8\nContent-Transfer-Encoding: base64\n\n"
    assert article(head + encodebytes("“It’s late,” said Zoë.".encode("cp1252"))).text == "“It’s late,” said Zoë."


@pytest.mark.parametrize("encoding", ["iso-8859-2", "koi8-r", "utf-7", "iso-2022-jp"])
def test_a_body_is_read_in_the_encoding_that_the_mail_says(encoding: str) -> None:
    text = {"iso-8859-2": "Łukasz Żądło", "koi8-r": "Одиль Маррак", "utf-7": "“Odile”", "iso-2022-jp": "東京"}[encoding]
    head = f"Subject: Ferry\nMIME-Version: 1.0\nContent-Type: text/plain; charset={encoding}\n\n"
    assert article(head.encode() + text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("name", ["a.eml", "a.txt"])
def test_header_fields_in_any_encoding_are_read(name: str, encoding: str) -> None:
    head = "Subject: Café Älvby reopens\nMIME-Version: 1.0\n\n".encode(encoding)
    found = article(head + TEXT.encode(), name)
    assert (found.text, found.fields["title"]) == (TEXT, "Café Älvby reopens")


def test_the_page_is_read_where_the_plain_body_is_empty() -> None:
    made = mail(content=" \n")
    made.add_alternative(f"<html><body><p>{TEXT * 3}</p></body></html>", subtype="html")
    assert "said Odile Marrack" in article(made.as_bytes()).text


@pytest.mark.parametrize("data", [b"Subject: Rain\n\n", b"Subject: x\nContent-Type: image/png\n\nabc"])
def test_a_mail_without_text_is_rejected_as_empty(data: bytes) -> None:
    (found,) = read(data, "a.eml")
    assert isinstance(found, Rejection)
    assert found.reason == "empty"


def test_header_lines_of_an_export_are_no_mail() -> None:
    assert "Subject: Rain" in article(b"Subject: Rain\nDate: March 4, 2031\n\nIt rained on the ferry.\n", "a.txt").text
