"""JSON as news APIs, crawlers and content systems write it."""

import json

import pytest

from etl.extract.rows import sections
from etl.sources.file import read
from etl.sources.record import ReadOptions, Record, Rejection

TEXT = "The ferry ran aground.\n\n“Nobody was hurt,” said Edith Calloway."
HTML = "<!-- wp:paragraph --><p>The ferry ran aground.</p>\n<p>&#8220;Nobody was hurt,&#8221; said <b>Edith Calloway</b>.</p>"
WANTED = ("Ferry runs aground", "Ines Hart", "2016-03-03")

SHAPES = {
    "news-please": {
        "title": WANTED[0],
        "authors": ["Ines Hart"],
        "date_publish": "2016-03-03 08:00:00",
        "maintext": TEXT,
    },
    "newspaper": {
        "title": WANTED[0],
        "authors": ["Ines Hart"],
        "publish_date": "2016-03-03",
        "text": TEXT,
        "tags": [{"text": "ferry"}],
    },
    "newsapi": {
        "status": "ok",
        "articles": [
            {
                "source": {"id": "t", "name": "The Tern"},
                "author": "Ines Hart",
                "title": WANTED[0],
                "publishedAt": "2016-03-03",
                "content": TEXT,
            }
        ],
    },
    "guardian": {
        "response": {
            "total": 1,
            "edition": {"id": "uk"},
            "results": [
                {
                    "id": "a",
                    "webTitle": WANTED[0],
                    "webPublicationDate": "2016-03-03T08:00:00Z",
                    "fields": {"byline": "Ines Hart", "body": HTML},
                }
            ],
        }
    },
    "elasticsearch": {
        "took": 2,
        "hits": {
            "total": {"value": 1},
            "hits": [
                {
                    "_id": "7",
                    "_source": {"headline": WANTED[0], "byline": "Ines Hart", "date": "2016-03-03", "body": TEXT},
                }
            ],
        },
    },
    "schema.org": {
        "@type": "NewsArticle",
        "headline": WANTED[0],
        "datePublished": "2016-03-03",
        "author": {"@type": "Person", "name": "Ines Hart"},
        "image": [{"caption": "Ferry", "text": "The ferry"}],
        "articleBody": TEXT,
    },
    "wordpress": [
        {
            "id": 7,
            "date": "2016-03-03T08:00:00",
            "author": 4,
            "title": {"rendered": WANTED[0]},
            "content": {"rendered": HTML, "protected": False},
            "_embedded": {
                "author": [{"id": 4, "name": "Ines Hart"}],
                "replies": [[{"content": {"rendered": "<p>First!</p>"}}]],
            },
        }
    ],
    "fundus": {
        "title": WANTED[0],
        "authors": ["Ines Hart"],
        "publishing_date": "2016-03-03",
        "body": {"summary": [], "sections": [{"headline": [], "paragraphs": TEXT.split("\n\n")}]},
    },
    "people in parts": {
        "title": WANTED[0],
        "author": {"firstName": "Ines", "lastName": "Hart"},
        "date": "2016-03-03",
        "text": TEXT.split("\n\n"),
    },
    "blocks": {
        "data": {
            "story": {
                "headline": WANTED[0],
                "byline": "Ines Hart",
                "issued": "2016-03-03",
                "body": [{"type": "p", "text": t} for t in TEXT.split("\n\n")],
            }
        }
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_article_is_read_whole_from_every_shape(shape: str) -> None:
    (record,) = read(json.dumps(SHAPES[shape]).encode(), "a.json")
    assert isinstance(record, Record)
    assert [line for line in record.text.split("\n") if line.strip()] == TEXT.split("\n\n")
    found = record.fields
    assert (found["title"], found["authors"], found["published"][:10]) == WANTED


def test_the_configured_key_wins_over_the_usual_ones() -> None:
    value = {"text": "Welcome to our archive.", "stories": [{"wording": "The river rose.", "content": "A teaser."}]}
    (record,) = read(json.dumps(value).encode(), "a.json", ReadOptions(columns={"text": "wording"}))
    assert isinstance(record, Record)
    assert record.text == "The river rose."


def test_objects_of_several_lines_may_follow_each_other() -> None:
    both = "\n".join(json.dumps({"headline": {"main": t}, "text": TEXT}, indent=1) for t in ("One", "Two"))
    found = read(both.encode(), "a.json")
    assert [f.fields["title"] for f in found if isinstance(f, Record)] == ["One", "Two"]
    assert [f.reason for f in read(f"{both}\n{{".encode(), "a.json") if isinstance(f, Rejection)] == ["malformed"]


def test_several_lists_of_articles_are_all_read() -> None:
    value = {
        "news": [{"text": "One."}, {"title": "No text"}],
        "sport": [{"text": "Two."}],
        "comments": [{"text": "First!"}],
    }
    found = read(json.dumps(value).encode(), "a.json")
    assert [f.text if isinstance(f, Record) else f.reason for f in found] == ["One.", "no_text", "Two."]
    assert isinstance(found[1], Rejection)
    assert found[1].detail.startswith("news[1]: none of title is known to hold the text")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (7, "holds the int 7, not text"),
        (True, "holds the bool True, not text"),
        ({"href": "/a"}, "holds an object with href, not text"),
        ([], "holds a list without text"),
        ("", "is empty"),
        (None, "is empty"),
    ],
)
def test_a_text_that_is_none_is_a_rejection_that_says_what_it_is(text: object, what: str) -> None:
    (rejection,) = read(json.dumps({"items": [{"title": "Wall", "text": text}]}).encode(), "a.json")
    assert isinstance(rejection, Rejection)
    assert rejection.reason == "no_text"
    assert rejection.detail.startswith(f"items[0]: text {what}; if another key or column has the text")


def test_an_address_is_no_publisher_and_a_number_no_author() -> None:
    value = {"text": "The river rose.", "source": "https://tern.example/a", "hostname": "tern.example", "author": 12}
    (record,) = read(json.dumps(value).encode(), "a.json")
    assert isinstance(record, Record)
    assert dict(record.fields) == {"publisher": "tern.example"}


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ({"category": "CITY"}, ["CITY"]),
        ({"sectionName": "Arts, Books & Culture"}, ["Arts, Books & Culture"]),
        ({"categories": [{"id": 3, "name": "Port"}, {"id": 9, "name": "City"}]}, ["Port", "City"]),
        ({"categories": [3, 9]}, []),
        (
            {"sections": [{"title": "A heading inside the article that is far too long to be the name of a section"}]},
            [],
        ),
        ({}, []),
    ],
)
def test_sections_are_names(stated: dict[str, object], names: list[str]) -> None:
    (record,) = read(json.dumps({"text": "It rained.", **stated}).encode(), "a.json")
    assert isinstance(record, Record)
    assert sections(record.fields.get("sections", "")) == names


@pytest.mark.parametrize(
    ("date", "author"),
    [
        ({"$date": "2016-03-03T08:00:00Z"}, {"original": "Ines Hart"}),
        ({"$date": {"$numberLong": "1456992000000"}}, [{"firstname": "Ines", "lastname": "Hart"}]),
    ],
)
def test_typed_and_nested_values_are_read(date: object, author: object) -> None:
    (record,) = read(
        json.dumps({"title": "nan", "date": date, "byline": author, "post_content": TEXT}).encode(), "a.json"
    )
    assert isinstance(record, Record)
    assert record.fields["published"] in ("2016-03-03T08:00:00Z", "1456992000000")
    assert record.fields["authors"] == "Ines Hart"
    assert "title" not in record.fields


def test_what_a_search_hit_wraps_is_no_publisher() -> None:
    hit = {"_id": "1", "_source": {"title": "Wall", "text": "The river rose."}}
    (found,) = read(json.dumps({"hits": {"hits": [hit]}}).encode(), "a.json")
    assert isinstance(found, Record)
    assert dict(found.fields) == {"title": "Wall", "id": "1"}


@pytest.mark.parametrize("name", ["a.txt", "a", "a.log"])
@pytest.mark.parametrize(
    "data", ['{"text": "One."}', '\ufeff[\n {"text": "One."}]', '{"text": "One."}\n{"text": "Two."}\n']
)
def test_json_of_another_name_is_no_text(name: str, data: str) -> None:
    found = read(data.encode(), name)
    assert [each.text if isinstance(each, Record) else each.reason for each in found] == ["One.", "Two."][: len(found)]
