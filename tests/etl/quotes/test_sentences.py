import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from etl.model.syntax import Tree
from etl.quotes.quotation_marks import Paragraph, Stretch
from etl.quotes.sentences import MAX_PIECES, STAND_IN, STAND_IN_TAGS, ParserSentence, Words, parsed, sentences_of

LONG = "“The wall will be mended long before the winter storms come in from the sea,”"
#: The number of the first word's token: the words are not the only tokens.
FIRST_TOKEN = 7


def words_in(text: str) -> Words:
    """Words and marks, each a word of its own."""
    found = list(re.finditer(r"\w+|[^\w\s]", text))
    starts, ends = tuple(m.start() for m in found), tuple(m.end() for m in found)
    return Words(tuple(m[0] for m in found), starts, ends, tuple(FIRST_TOKEN + n for n in range(len(found))))


def sentences(text: str, *quoted: str, is_minor: bool = False) -> list[ParserSentence]:
    """The sentences of a text whose lines are paragraphs, with stretches where it holds these."""
    lines = re.finditer(r"[^\n]+", text)
    paragraphs = [Paragraph(line.start(), line.end(), n, "paragraph") for n, line in enumerate(lines)]
    starts = sorted((text.index(q), q) for q in quoted)
    stretches = [Stretch(start, start + len(q), text.count("\n", 0, start), is_minor=is_minor) for start, q in starts]
    return sentences_of(words_in(text), paragraphs, stretches)


def printed(text: str, *quoted: str) -> list[str]:
    return [" ".join(sentence.words) for sentence in sentences(text, *quoted)]


def test_sentences_end_at_full_stops_and_at_the_end_of_paragraphs() -> None:
    found = sentences("The wall held. Was it luck? Nobody knew\nHolt left.")
    assert [(s.paragraph_no, s.words[-1]) for s in found] == [(0, "."), (0, "?"), (0, "knew"), (1, ".")]


def test_a_full_stop_before_a_small_letter_ends_nothing() -> None:
    assert len(printed("The wall, built by Reed Bros. of Ellery, held.")) == 1


def test_a_closing_mark_belongs_to_the_sentence_it_closes() -> None:
    assert printed("“It held.” Holt left.", "“It held.”") == ["“ It held . ”", "Holt left ."]


def test_a_question_within_marks_does_not_end_the_sentence_that_reports_it() -> None:
    assert len(printed("“Did it hold?” Holt asked.", "“Did it hold?”")) == 1


def test_a_short_quotation_keeps_its_words() -> None:
    assert printed("Reed called it “a fine wall” on Monday.", "“a fine wall”") == [
        "Reed called it “ a fine wall ” on Monday ."
    ]


def test_a_long_quotation_is_given_as_a_short_clause_that_ends_alike() -> None:
    text = f"{LONG} Holt said."
    [sentence] = sentences(text, LONG)
    assert sentence.words == ('"', *STAND_IN, ",", '"', "Holt", "said", ".")
    assert sentence.sources[:6] == (-1,) * 6
    assert [words_in(text).texts[source] for source in sentence.sources[6:]] == ["Holt", "said", "."]


def test_single_marks_are_given_as_double_ones_where_the_article_quotes_in_them() -> None:
    text = "Reed called it ‘a fine wall’ on Monday."
    [sentence] = sentences(text, "‘a fine wall’")
    assert sentence.words.count('"') == 2
    [sentence] = sentences(text, "‘a fine wall’", is_minor=True)
    assert {"‘", "’"} <= set(sentence.words)


def test_what_has_no_full_stop_is_cut() -> None:
    found = sentences("word " * (MAX_PIECES + 5))
    assert [len(sentence.words) for sentence in found] == [MAX_PIECES, 5]


def test_words_have_the_numbers_of_their_tokens() -> None:
    [sentence] = sentences(f"{LONG} Holt said.", LONG)
    assert sentence.tokens[:6] == (FIRST_TOKEN,) * 6
    after = FIRST_TOKEN + len(words_in(LONG).texts)
    assert sentence.tokens[6:] == (after, after + 1, after + 2)


def test_the_root_of_a_stand_in_is_parsed_for_the_whole_quotation() -> None:
    [sentence] = sentences(f"{LONG} Holt said.", LONG)
    asked: list[Sequence[int]] = []

    def parse(tokens: Sequence[int]) -> Tree:
        asked.append(tokens)
        return Tree(("``", "NNP", "VBD", "."), ("ccomp", "nsubj", "ROOT", "punct"), (2, 2, 2, 2))

    tree = parsed(parse, sentence)
    assert asked == [[FIRST_TOKEN, *sentence.tokens[6:]]]
    it, so = 1, 3
    assert sentence.words == ('"', "it", "is", "so", ",", '"', "Holt", "said", ".")
    assert tree.tags[it : so + 1] == STAND_IN_TAGS
    assert tree.relations == ("punct", "nsubj", "ccomp", "acomp", "punct", "punct", "nsubj", "ROOT", "punct")
    assert tree.heads == (2, 2, 7, 2, 2, 2, 7, 7, 7)


def test_a_sentence_without_a_stand_in_has_the_tree_of_its_tokens() -> None:
    [sentence] = sentences("Holt left.")
    tree = Tree(("NNP", "VBD", "."), ("nsubj", "ROOT", "punct"), (1, 1, 1))
    assert parsed(lambda _: tree, sentence) == tree


@given(st.lists(st.sampled_from([LONG, "Holt", "said", "“no,”", "he"]), min_size=1, max_size=6), st.data())
def test_a_tree_with_stand_ins_is_one_over_all_words(pieces: list[str], data: st.DataObject) -> None:
    """Whatever tree is found over the words that are parsed."""

    def parse(tokens: Sequence[int]) -> Tree:
        n = len(tokens)
        heads = tuple(data.draw(st.integers(0, at)) for at in range(n))
        return Tree(("NN",) * n, ("dep",) * n, heads)

    text = " ".join(f"{piece} {n}" for n, piece in enumerate(pieces))
    places = [(text.index(f"{piece} {n}"), piece) for n, piece in enumerate(pieces) if piece == LONG]
    stretches = [Stretch(start, start + len(piece), 0) for start, piece in places]
    for sentence in sentences_of(words_in(text), [Paragraph(0, len(text), 0, "paragraph")], stretches):
        tree = parsed(parse, sentence)
        assert len(tree.tags) == len(tree.relations) == len(tree.heads) == len(sentence.words)
        for at in range(len(tree.heads)):
            path = [at]
            while tree.heads[path[-1]] != path[-1]:
                path.append(tree.heads[path[-1]])
                assert len(path) <= len(tree.heads)


@given(st.text(alphabet="aB .?!”’\n", max_size=200))
def test_every_word_outside_long_quotations_is_given_once_and_in_order(text: str) -> None:
    sources = [source for sentence in sentences(text) for source in sentence.sources]
    assert sources == list(range(len(words_in(text).texts)))
