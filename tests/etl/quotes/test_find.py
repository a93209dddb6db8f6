from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.entities.mentions import Mention, find_mentions
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.quotes.find import Quote, Why, explain, find_quotes, min_speech_score
from etl.quotes.layout import lay_out
from etl.sources.record import Record
from etl.training.evaluate import by_kind, errors, evaluate, read_gold, reliability, scores

GOLD = Path(__file__).parents[2] / "gold" / "quotes.jsonl"
EXAMPLES = Path(__file__).parents[2] / "examples" / "gold.jsonl"


def whys(annotator: Annotator, text: str) -> list[Why]:
    page = parse(Record(0, text), Hints())
    annotation = next(annotator([page]))
    return explain(page, annotation, find_mentions(page, annotation))


def spoken(annotator: Annotator, text: str) -> list[Quote]:
    return [w.quote for w in whys(annotator, text) if w.quote.kind != "indirect"]


@pytest.mark.slow
def test_fictional_articles_are_a_floor(annotator: Annotator) -> None:
    golds = read_gold(GOLD)
    found = [[w.quote for w in whys(annotator, g.text)] for g in golds]
    marked = scores(evaluate(golds, found, frozenset({"direct", "partial"})))
    assert marked.span_f1 >= 97
    assert marked.both_f1 >= 93
    assert scores(evaluate(golds, found)).span_f1 >= 80


@pytest.mark.slow
def test_the_example_articles_are_a_floor(annotator: Annotator) -> None:
    golds = read_gold(EXAMPLES)
    found = [[w.quote for w in whys(annotator, g.text)] for g in golds]
    marked = scores(evaluate(golds, found, frozenset({"direct", "partial"})))
    assert marked.span_f1 >= 92
    assert marked.speaker >= 86
    assert marked.pronoun >= 80


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("“I did it,” Holm said, according to the affidavit.", ["Mark Holm"]),
        ("“It got out of hand that night,” said Holm, according to police.", ["Mark Holm"]),
        ("“We will win,” Mayor Ann Lund said on Friday, according to the Harwick Gazette.", ["Ann Lund"]),
        ("Pike testified that Reed said, “It was cold that night.”", ["Susan Reed"]),
        ("Pike denied that Reed had said “it was cold that night.”", ["Susan Reed"]),
        ("The Harwick Gazette reported that Holm said the plan was “dead on arrival.”", ["Mark Holm"]),
        ("According to the Gazette, Reed said “it was cold that night.”", ["Susan Reed"]),
        ("“I did it,” said Holm; “I did not,” said Reed.", ["Mark Holm", "Susan Reed"]),
        (
            "“Go,” Reed told Holm. “I will not,” Holm replied. “Who will?” she asked.",
            ["Susan Reed", "Mark Holm", "Susan Reed"],
        ),
        ("“It was cold that night,” according to Susan Reed.", ["Susan Reed"]),
        ("“I will pay,” Holm said in a statement, according to the Gazette.", ["Mark Holm"]),
        ("“We will win,” said Reed, reports the Harwick Gazette.", ["Susan Reed"]),
        ("“I never met him,” Reed told officers, an affidavit says.", ["Susan Reed"]),
        ("Reed said the plan was “dead on arrival,” the Gazette reported.", ["Susan Reed"]),
        (
            "Holm, a passenger, said the fire spread and “everyone ran for their lives,” the Harwick Gazette reports.",
            ["Mark Holm"],
        ),
        ("According to court papers, Holm told a friend “it will burn.”", ["Mark Holm"]),
        ("Police say Holm told them “it was an accident.”", ["Mark Holm"]),
        ("“It got out of hand,” Holm said, according to the Gazette. “We are sorry.”", ["Mark Holm", "Mark Holm"]),
        ("Reed was quoted by the Gazette as saying “it was cold that night.”", ["Susan Reed"]),
        ("Reed was quoted by Pike as saying “it was cold that night.”", ["Susan Reed"]),
        ("Pike quoted Reed as saying “it was cold that night.”", ["Susan Reed"]),
        ("“He never slept,” Reed told police, the court papers say.", ["Susan Reed"]),
        ("“No,” said Reed, Holm said.", ["Susan Reed"]),
        ("“He is kind,” two people who know Holm said.", [None]),
        ("A woman who saw Reed said she was “not well.”", [None]),
        (
            "“He knows little,” said a longtime adviser to Holm, who declined to be named and is not in Pike’s camp.",
            [None],
        ),
        ("“I am done,” Reed said, and Holm, Pike recalled, wept.", ["Susan Reed"]),
        ("Pike attacked Reed as calling for “blood.”", ["Dan Pike"]),
        ("Pike described Reed as saying little, “a quiet woman.”", ["Dan Pike"]),
        (
            "HARWICK, May 3, 2016 - “You shut the door,” Susan Reed told Mark Holm. “I did not,” Holm replied. "
            "“Then who did?” she asked.",
            ["Susan Reed", "Mark Holm", "Susan Reed"],
        ),
        ("Pike said: “The gate was open.” “It was not open at all,” said Holm.", ["Dan Pike", "Mark Holm"]),
        ("Holm, Pike wrote, “has kept the peace in this town.”", ["Dan Pike"]),
        ("Reed says she was “kind of on the fence” until Holm said no.", ["Susan Reed"]),
        ("Pike accuses Reed of “cheating the town” and Holm says she is innocent.", ["Dan Pike"]),
        ("After Reed said it was “the coldest night,” Holm said: “It was not.”", ["Susan Reed", "Mark Holm"]),
        ("Pike suggested that Reed was “soft on crime.”", ["Dan Pike"]),
        ("“Go away,” Reed shouted, Pike recalled.", ["Susan Reed"]),
        ("Holm whispered “it is over,” Reed told the court.", ["Mark Holm"]),
        ("Pike recalled that Reed screamed, “Go away!”", ["Susan Reed"]),
        ("Holm said people were screaming and there was “blood everywhere.”", ["Mark Holm"]),
        ("Holm said it was wrong to think Reed would leave, adding they would “work as a team.”", ["Mark Holm"]),
        ("A man was waving, shouting “Go home!” in the rain, Pike said.", [None]),
        ("Nothing Holm said “will calm anybody in this town,” Pike said.", ["Dan Pike"]),
        ("A reporter asked about the fire and Holm said, “It was an accident.”", ["Mark Holm"]),
        ("Everyone but Holm said “the plan is dead.”", [None]),
        ("“Is this the way to the harbour?” asked a boy with a satchel.", [None]),
        ("Friends of Reed mocked his plan, calling Holm “a clown,” Pike said.", ["Dan Pike"]),
    ],
)
def test_who_said_it_is_neither_who_reports_it_nor_who_speaks_elsewhere(
    annotator: Annotator, sentence: str, names: list[str]
) -> None:
    people = "Mark Holm, 44, and Susan Reed, 39, were charged with arson. Sheriff Dan Pike spoke on Friday."
    text = f"Fire at the warehouse\n\n{people}\n\n{sentence}\n\nA hearing is set for Monday.\n"
    assert [quote.speaker_name for quote in spoken(annotator, text)] == names


@pytest.mark.parametrize(
    ("sentences", "name"),
    [
        ("A spokeswoman for Susan Reed said the fire was out. “It is over,” she added.", None),
        ("A spokesman for Dan Pike said Mark Holm had left. “It is over,” he said.", None),
        ("President of the Norvane Council Paul Brandt said: “It is about families.”", "Paul Brandt"),
        ("A third, Ann Lang, said she was not sure. “It is over,” she said.", "Ann Lang"),
        ("Harwick Bank said Norvane Oil had no assets. “It is worthless,” it said.", "Harwick Bank"),
        ("“It is over,” Pike said. Mark Holm was far from content. “It has only begun,” he said.", "Mark Holm"),
        (
            "But Holm's Norvane counterpart Felix Magnus was in no mood to celebrate. He said: “I am far from happy.”",
            "Felix Magnus",
        ),
        ("“It is over,” Pike said. Mark Holm was dead. “It had only begun,” he said.", "Dan Pike"),
    ],
)
def test_who_spoke_in_the_sentence_before_goes_on_speaking(
    annotator: Annotator, sentences: str, name: str | None
) -> None:
    people = "Mark Holm, 44, and Susan Reed, 39, were charged with arson. Sheriff Dan Pike spoke on Friday."
    text = f"Fire at the warehouse\n\n{people}\n\n{sentences}\n"
    assert spoken(annotator, text)[-1].speaker_name == name


def test_a_split_quotation_is_one_utterance_with_a_name(annotator: Annotator) -> None:
    text = "Harbour\n\nMayor Greta Lindholm won.\n\n“We did it,” Lindholm said on Monday. “We are back on the water.”\n"
    first, second = spoken(annotator, text)
    assert first.utterance_no == second.utterance_no
    assert {first.speaker_name, second.speaker_name} == {"Greta Lindholm"}
    assert (first.speaker_via, first.speaker_type) == ("named", "person")
    assert text[slice(first.cue_start, first.cue_end)] == "said"


def test_a_pronoun_is_resolved_to_the_one_it_fits(annotator: Annotator) -> None:
    text = (
        "Talks fail\n\nMary Holt met John Reed in Leeds on Tuesday. Reed left early.\n\n"
        "“I did not expect him to stay for long,” she said.\n"
    )
    (quote,) = spoken(annotator, text)
    assert (quote.speaker_name, quote.speaker_via) == ("Mary Holt", "pronoun")


def test_a_transcript_names_its_speakers(annotator: Annotator) -> None:
    text = "Interview\n\nJohn Reed spoke to Mary Holt on Sunday.\n\n“HOLT: Will you run for office again?”\n\n“REED: I will not.”\n"
    assert [q.speaker_name for q in spoken(annotator, text)] == ["Mary Holt", "John Reed"]


def test_a_label_speaks_in_the_paragraphs_that_go_on(annotator: Annotator) -> None:
    text = "Interview\n\nJohn Reed met Mary Holt.\n\n“REED: I will not run again.\n\n“I have said so often to Mary Holt.”\n"
    first, second = spoken(annotator, text)
    assert {first.speaker_name, second.speaker_name} == {"John Reed"}
    assert second.speaker_via == "continuation"


def test_reported_words_end_with_the_marks_they_hold(annotator: Annotator) -> None:
    text = "Port\n\nThe mayor, Anna Berg, said on Monday that the harbour was “not a bathtub.” Nobody laughed.\n"
    (reported,) = [w.quote for w in whys(annotator, text) if w.quote.kind == "indirect"]
    assert text[reported.start : reported.end].endswith("“not a bathtub.”")


def test_titles_are_not_speech(annotator: Annotator) -> None:
    assert (
        spoken(annotator, "Stage\n\nHe starred in the film “The Long Road Home” and in “Night Ferry” before 1990.\n")
        == []
    )


def test_a_surname_taken_for_an_organisation_is_a_mention_of_the_person(annotator: Annotator) -> None:
    text = "Rain\n\nMary Holt came. The harbour was full and Holt left.\n"
    page = parse(Record(0, text), Hints())
    full, bare = text.index("Mary"), text.rindex("Holt")
    mentions = [Mention(full, full + 9, "PERSON", "Mary Holt"), Mention(bare, bare + 4, "ORG", "Holt")]
    _, found = find_quotes(page, next(annotator([page])), mentions)
    assert [(m.entity_type, m.name) for m in found] == [("PERSON", "Mary Holt")] * 2


def test_scare_quotes_are_short_so_a_few_words_need_more_to_be_speech(annotator: Annotator) -> None:
    text = "Rain\n\nThe “ghost” ferries “limp along the coast” with a “crew of three” and one word: “No.”\n"
    page = parse(Record(0, text), Hints())
    layout = lay_out(page, next(annotator([page])))
    few, several, three, announced = (min_speech_score(layout, n, ()) for n in range(4))
    assert few == three > several > announced


def test_a_whole_sentence_alone_in_its_paragraph_is_speech(annotator: Annotator) -> None:
    text = "Vox\n\nTom Reed, 61, a plumber\n\n“The pumps were from 1974.”\n\nThey met at noon.\n"
    assert [text[q.start : q.end] for q in spoken(annotator, text)] == ["“The pumps were from 1974.”"]


def test_a_headline_that_says_who_says_it_quotes(annotator: Annotator) -> None:
    text = "‘Nobody rang me,’ says farmer Paul Stone\n\nThe gates opened on Friday.\n\n“I have lost forty lambs,” said Stone.\n"
    first, second = spoken(annotator, text)
    assert [q.speaker_name for q in (first, second)] == ["Paul Stone", "Paul Stone"]


@pytest.mark.parametrize(
    ("headline", "quotes"),
    [
        ("‘Rain Idol’ star Paul Stone says he will sing", []),
        ("Stone tells fans of ‘Big Rain’ plan", []),
        ("Stone Says Farmers Are ‘Ready to Leave’", ["‘Ready to Leave’"]),
    ],
)
def test_a_title_in_a_headline_is_no_speech(annotator: Annotator, headline: str, quotes: list[str]) -> None:
    text = f"{headline}\n\nPaul Stone opened the gates on Friday.\n\nIt was a long night for all who came.\n"
    assert [text[q.start : q.end] for q in spoken(annotator, text)] == quotes


def test_an_official_stays_anonymous(annotator: Annotator) -> None:
    text = "Deal\n\n“We are close to an agreement on most of it,” a senior official said on Monday.\n"
    (quote,) = spoken(annotator, text)
    assert (quote.speaker_name, quote.speaker_type) == (None, "anonymous")


def test_reasons_name_the_cue_and_the_runners_up(annotator: Annotator) -> None:
    text = "Deal\n\nAnna Berg met Paul Stone on Friday.\n\n“We signed it at noon,” Berg told Stone after lunch.\n"
    why = next(w for w in whys(annotator, text) if w.quote.kind == "direct")
    assert why.cue == "told"
    assert why.rivals[0].name == "Anna Berg"
    assert [r.score for r in why.rivals] == sorted((r.score for r in why.rivals), reverse=True)


def test_evaluation_reports_errors() -> None:
    golds = read_gold(GOLD)
    figures = evaluate(golds, [[] for _ in golds])
    assert len(list(errors(figures, "missed"))) == sum(n for n, _, _ in by_kind(figures).values())
    assert list(errors(figures, "extra")) == list(errors(figures, "speaker")) == []


def test_reliability_is_of_the_confident_and_of_all() -> None:
    sure = reliability([(0.95, True), (0.95, True), (0.4, False), (0.6, True)])
    assert (sure.share_sure, sure.right_of_sure) == (0.5, 1.0)
    assert sure.brier == pytest.approx((2 * 0.05**2 + 0.4**2 + 0.4**2) / 4)
    assert sure.base_brier == pytest.approx(0.75 * 0.25)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(["“", "”", '"', "'", "he said", "Ann Lee", "told", "that it is", ".", ",", "\n\n", "''"]),
        max_size=40,
    )
)
def test_any_text_gives_spans_inside_it(annotator: Annotator, pieces: list[str]) -> None:
    text = " ".join(pieces)
    found = [w.quote for w in whys(annotator, text)]
    assert all(0 <= q.start < q.end <= len(text) and 0 <= q.confidence <= 1 for q in found)
    assert all(a.start <= b.start for a, b in pairwise(found))
