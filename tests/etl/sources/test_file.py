"""Reading: what encodings, repairs, formats and rejections come to. The texts are made up."""

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.extract.rows import instant
from etl.sources.decode import decode, strip_markup
from etl.sources.file import Identity, hash_of, load, read
from etl.sources.record import ReadOptions, Record, Rejection

TEXT = "“Dues will rise,” said Anneli Köhler, the mayor’s deputy — “and soon.” It’s £5 a café.\n\nNaïve, said Zoë…\n"
ARTICLE = (
    "Ferry stops for winter\n\nBy Orla Quin\n\nMarch 3, 2016\n\nThe ferry will not sail until May, its owner said.\n"
)


def records(data: bytes, name: str, options: ReadOptions | None = None) -> list[Record]:
    found = read(data, name, options)
    assert all(isinstance(r, Record) for r in found), found
    return [r for r in found if isinstance(r, Record)]


def rejections(data: bytes, name: str) -> list[Rejection]:
    return [r for r in read(data, name) if isinstance(r, Rejection)]


@pytest.mark.parametrize(
    ("codec", "reported"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("cp1252", "cp1252"),
        ("mac_roman", "mac-roman"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_encoding_gives_the_text_that_was_encoded(codec: str, reported: str, line_end: str) -> None:
    [record] = records(TEXT.replace("\n", line_end).encode(codec), "a.txt")
    assert (record.text, record.encoding, record.repairs) == (TEXT, reported, ())


def test_latin_1_is_told_from_its_bytes() -> None:
    found = decode("René paid £5 in the café.".encode("latin-1"))
    assert found is not None
    assert (found.text, found.encoding) == ("René paid £5 in the café.", "latin-1")


def test_soft_hyphens_and_other_marks_stay() -> None:
    text = "A co\u00adoperative,\u00a0zero\u200bwidth.\n"
    assert records(text.encode(), "a.txt")[0].text == text


@pytest.mark.parametrize(
    ("data", "text", "repair"),
    [
        (b"The fer\x00ry sailed.\n\x1a", "The ferry sailed.\n", "stray control characters removed"),
        ("Itâ€™s “fine”, FranÃ§ois said.".encode(), "It’s “fine”, François said.", "mojibake repaired"),
        ("\ufeff\ufeffOne file.\n\ufeffAnother.".encode(), "One file.\nAnother.", "stray control characters removed"),
        ("“A \ud83d\ude00”".encode("utf-8", "surrogatepass"), "“A \U0001f600”", "surrogates decoded"),
        ("“A \udc00”".encode("utf-8", "surrogatepass"), "“A \ufffd”", "undecodable bytes replaced"),
        ("“A \udc00”".encode("utf-16", "surrogatepass"), "“A \ufffd”", "undecodable bytes replaced"),
        (
            b"caf\xc3\xa9, th\xc3\xa9, \xc3\xa9t\xc3\xa9, a \x93stray\x94\xc3\xa9",
            "café, thé, été, a “stray”é",
            "stray cp1252 bytes decoded",
        ),
        (b"One.</p>\n<p>Two.", "One.\n\n\nTwo.", "HTML tags removed"),
        (b"&ldquo;Yes,&rdquo; she said.", "“Yes,” she said.", "HTML character references replaced"),
    ],
)
def test_repairs_are_made_and_recorded(data: bytes, text: str, repair: str) -> None:
    [record] = records(data, "a.txt")
    assert (record.text, repair in record.repairs) == (text, True)


def test_tickers_are_not_markup() -> None:
    assert strip_markup("Tern Telephone <T> and Barrow <B> rose.") == ("Tern Telephone <T> and Barrow <B> rose.", ())


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.txt", "empty"),
        (b"\x00 \x1a\n", "a.txt", "empty"),
        (bytes(range(256)) * 20, "a.txt", "binary"),
        (b"%PDF-1.4 stream", "a.txt", "binary"),
        (b"\x1f\x8bnot gzip", "a.txt.gz", "bad_archive"),
        (b"x" * ((1 << 20) + 1), "a.txt", "long_line"),
        (b"The wall held.\n" * 200_001, "a.txt", "too_long"),
        (b"a,b\n1,2\n", "a.csv", "no_text"),
        (b'title;text\nA;"never closed\n', "a.csv", "malformed"),
        (b'"title,text', "a.csv", "malformed"),
        (b"<a>no articles</a>", "a.xml", "no_text"),
        (b"[]", "a.json", "empty"),
    ],
)
def test_what_cannot_be_used_is_rejected_with_a_reason(data: bytes, name: str, reason: str) -> None:
    [rejection] = rejections(data, name)
    assert rejection.reason == reason
    assert rejection.detail


def test_compressed_files_are_bounded_once_unpacked() -> None:
    packed = gzip.compress(b"word " * 10_000)
    assert read(packed, "a.txt.gz", ReadOptions(max_bytes=1000))[0] == Rejection(
        "too_large",
        "unpacked, more than max_bytes = 1,000; split it or raise the limit in ontherecord.toml",
        max_bytes=1000,
    )
    for data, name in ((gzip.compress(ARTICLE.encode()), "a.txt.gz"), (gzip.compress(ARTICLE.encode()), "a.txt")):
        assert records(data, name)[0].text == ARTICLE
    assert records(b"title,text\nFerry,It waits.\n", "a.csv.gz")[0].text == "It waits.", "unpacked on its way here"


def test_json_lines_reject_by_line_and_keep_the_rest() -> None:
    lines = ['{"text": "One.", "id": 7}', "{broken", '{"body": "Two.", "url": "http://a.example/2"}', "[1]"]
    found = read("\n".join(lines).encode(), "a.jsonl")
    assert [(type(f).__name__, f.record_no) for f in found] == [
        ("Record", 0),
        ("Rejection", 1),
        ("Record", 2),
        ("Rejection", 3),
    ]
    assert [f.key for f in found if isinstance(f, Record)] == ["7", "http://a.example/2"]
    assert "line 2" in found[1].detail if isinstance(found[1], Rejection) else False


def test_a_broken_value_over_many_lines_is_one_rejection() -> None:
    text = json.dumps([{"id": 1, "text": "One."}, {"id": 2, "text": "Two."}], indent=2)[:-1]
    for data in (text, text.replace("\n", " "), "{"):
        [rejection] = rejections(data.encode(), "a.json")
        assert (rejection.reason, rejection.record_no) == ("malformed", None)


def test_json_takes_nested_names_and_configured_columns() -> None:
    value = {"articles": [{"Corpo": "Text.", "source": {"name": "The Tern"}, "author": ["A. Roe", "B. Doe"]}]}
    [record] = records(json.dumps(value).encode(), "a.json", ReadOptions(columns={"text": "corpo"}))
    assert (record.text, dict(record.fields)) == ("Text.", {"publisher": "The Tern", "authors": "A. Roe; B. Doe"})


def test_csv_rows_become_records() -> None:
    [first, bad, last] = read(b'Title,Text,Date\n"A","b, c",2016-01-02\nshort\n"C","d",2016-01-03\n', "a.csv")
    assert isinstance(first, Record)
    assert (first.text, first.fields["published"]) == ("b, c", "2016-01-02")
    assert isinstance(bad, Rejection)
    assert "line 3" in bad.detail
    assert last.record_no == 2


def test_an_unpaired_quotation_mark_costs_its_row_only() -> None:
    found = read(b'id;text\n1;"never closed\n2;"over\ntwo lines"\n3;and on\n4;"a ""mark"" and "more"\n5;end\n', "a.csv")
    assert [(f.record_no, f.text if isinstance(f, Record) else f.detail.partition(":")[0]) for f in found] == [
        (0, "line 2"),
        (1, "over\ntwo lines"),
        (2, "and on"),
        (3, "line 6"),
        (4, "end"),
    ]


def test_a_file_that_ends_inside_a_value_gives_no_articles_of_its_lines() -> None:
    prose = "The ferry was late.\n\nIt rained, and it blew.\nNobody came, nobody went, and nobody paid.\nThe clerk said so.\n"
    whole = f'title,text\nTide,"It turns, says Ines."\nFerry,"{prose}"\n'
    assert [record.text for record in records(whole.encode(), "a.csv")] == ["It turns, says Ines.", prose]
    first, cut = read(whole.encode()[:-12], "a.csv")
    assert (isinstance(first, Record), isinstance(cut, Rejection)) == (True, True)
    assert isinstance(cut, Rejection)
    assert "line 3: unexpected end of data" in cut.detail


def test_html_gives_the_article_and_its_printed_date() -> None:
    body = "".join(
        f"<p>The council of Port Orla met again on matter {n}, its clerk said, and voted.</p>" for n in range(9)
    )
    page = (
        '<!DOCTYPE html><html><head><title>Council votes</title><meta property="article:published_time" '
        f'content="2016-03-03T10:00:00+02:00"></head><body><article><h1>Council votes</h1>{body}</article></body></html>'
    )
    for name in ("a.html", "a.txt"):
        [record] = records(page.encode(), name)
        assert "on matter 4, its clerk said" in record.text
        assert record.fields["published"] == "2016-03-03T10:00:00+02:00"


def test_sgml_documents_are_known_by_their_own_numbers() -> None:
    document = (
        '<REUTERS NEWID="{n}"><DATE> 2-MAR-1987 10:11:12.34</DATE><TEXT><TITLE>MILL &lt;ML> OPENS</TITLE>'
        "<DATELINE>PORT ORLA, March 2 - </DATELINE><BODY>A mill opened.\n&#3;</BODY></TEXT></REUTERS>\n"
    )
    found = records("".join(document.format(n=n) for n in (7, 9)).encode(), "a.sgm")
    assert [r.key for r in found] == ["7", "9"]
    assert "MILL <ML> OPENS" in found[0].text
    assert found[0].fields["published"].startswith("2-MAR-1987")


def test_ruled_articles_are_cut_and_each_keeps_its_own_text() -> None:
    found = records(f"{ARTICLE}\n{'=' * 40}\n\n{ARTICLE.replace('Ferry', 'Train')}".encode(), "a.txt")
    assert [(r.record_no, r.text.split("\n")[0]) for r in found] == [
        (0, "Ferry stops for winter"),
        (1, "Train stops for winter"),
    ]


def test_asterisks_inside_an_article_do_not_cut_it() -> None:
    text = f"{ARTICLE}\n* * *\n\nThe owner then spoke of next year, and of the year after it.\n"
    assert [r.text for r in records(text.encode(), "a.txt")] == [text]


def test_header_blocks_and_counted_documents_are_cut() -> None:
    block = "Title: {t}\nURL: http://a.example/{t}\nDate: 2016-03-03\n\nThe ferry sailed, its owner said.\n\n"
    found = records((block.format(t="One") + block.format(t="Two")).encode(), "a.txt")
    assert [r.key for r in found] == ["http://a.example/One", "http://a.example/Two"]
    counted = "Document {n} of 2\n\nThe Tern\n\nHEADLINE: Item {n}\n\nThe ferry sailed.\n\n"
    assert len(records((counted.format(n=1) + counted.format(n=2)).encode(), "a.txt")) == 2


def test_an_inserted_record_does_not_rename_the_rest_and_equal_keys_are_told_apart() -> None:
    lines = ['{"id": "a", "text": "One."}', '{"id": "b", "text": "Two."}', '{"id": "a", "text": "Three."}']
    assert [r.key for r in records("\n".join(lines).encode(), "a.jsonl")] == ["a", "b", "a#2"]
    assert records("\n".join(lines[1:2]).encode(), "a.jsonl")[0].key == "b"


def test_load_rejects_pipes_large_and_missing_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"12345")
    outcomes = [load(tmp_path / name, 4) for name in ("pipe", "large", "missing")]
    assert [(o.reason, o.is_transient) for o in outcomes if isinstance(o, Rejection)] == [
        ("not_a_file", False),
        ("too_large", False),
        ("unreadable", True),
    ]


SUFFIXES = st.sampled_from([".txt", ".json", ".jsonl", ".csv", ".html", ".sgm", ".xml", ".txt.gz", ""])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), SUFFIXES)
def test_any_bytes_give_records_or_rejections(data: bytes, suffix: str) -> None:
    found = read(data, f"a{suffix}")
    assert found
    assert all("\x00" not in r.text and r.text.strip() and r.text.encode() for r in found if isinstance(r, Record))


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\x1a\ufeff"), min_size=1, max_size=200))
def test_marked_utf_16_is_decoded_as_an_independent_decoder_does(text: str) -> None:
    found = decode(text.encode("utf-16"))
    assert found is not None
    if "mojibake repaired" not in found.repairs:
        assert found.text == text.replace("\r\n", "\n").replace("\r", "\n")


def test_keys_stay_apart_whatever_other_records_call_themselves() -> None:
    lines = [json.dumps({"id": key, "text": f"Story {n}."}) for n, key in enumerate(("7", "7#2", "7", "7", "7#2"))]
    keys = [record.key for record in records("\n".join(lines).encode(), "a.jsonl")]
    assert len(set(keys)) == 5
    assert keys[:2] == ["7", "7#2"]


def test_a_record_nested_too_deep_costs_no_other() -> None:
    nested = json.dumps({"text": "A"}).replace('"A"', "[" * 900 + '"A"' + "]" * 900)
    found = read("\n".join(['{"text": "Rain."}', nested, '{"text": "Snow."}']).encode(), "a.jsonl")
    assert [r.text if isinstance(r, Record) else r.reason for r in found] == ["Rain.", "malformed", "Snow."]


@pytest.mark.parametrize("seconds", [-(10**11), 10**12])
def test_a_time_outside_the_calendar_is_moved_into_it(tmp_path: Path, seconds: int) -> None:
    at = instant(Identity.of(os.stat_result((0,) * 10, {"st_mtime_ns": seconds * 10**9, "st_ctime_ns": 0})).modified_us)
    assert at.year == (1 if seconds < 0 else 9999)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    for name in ("pipe", "null"):
        loaded = load(tmp_path / name, 1000)
        assert isinstance(loaded, Rejection)
        assert (loaded.reason, loaded.is_transient) == ("not_a_file", False)
        assert hash_of(tmp_path / name) is None


@pytest.mark.parametrize(
    "rows",
    [
        'sep=;\ntitle;text\nWall;"He said ""no""; twice."\n',
        '"sep=;"\n\ntitle;text\nWall;"He said ""no""; twice."\n',
        ',Article Title,Article Text\n0,Wall,"He said ""no""; twice."\n',
        'title,text\n"Wall","He said \\"no\\"; twice."\n',
        'title, text\n"Wall", "He said ""no""; twice."\n',
    ],
)
def test_csv_as_spreadsheets_frames_and_databases_write_it(rows: str) -> None:
    [record] = records(rows.encode(), "a.csv")
    assert (record.text, record.fields["title"]) == ('He said "no"; twice.', "Wall")


def test_a_quotation_mark_behind_a_space_encloses_a_value_only_where_all_separators_have_one() -> None:
    [record] = records(b'title,text\nWall, "No" was all he said.\n', "a.csv")
    assert record.text.strip() == '"No" was all he said.'
