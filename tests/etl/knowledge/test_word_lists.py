import tomllib

from etl.knowledge import DATA
from etl.knowledge.word_lists import standard_words, words


def test_an_underscore_stands_for_a_space() -> None:
    assert {"group captain", "general"} <= words("ranks")


def test_words_count_as_the_word_they_are_listed_under() -> None:
    assert standard_words("same_role")["sen."] == "senator"
    assert standard_words("irregular_verbs")["spoken"] == "speak"
    assert standard_words("same_outlet")["the associated press"] == "Associated Press"


def test_no_word_counts_as_two_words() -> None:
    lists = tomllib.loads((DATA / "words.toml").read_text(encoding="utf-8"))
    for table in (each for each in lists.values() if isinstance(each, dict)):
        listed = [word for line in table.values() for word in line.split()]
        assert len(listed) == len(set(listed))
