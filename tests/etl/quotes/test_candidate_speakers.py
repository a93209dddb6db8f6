import pytest

from etl.entities.mentions import Mention
from etl.model.annotate import Annotator
from etl.quotes.candidate_speakers import Candidate, find_candidates, is_speaking, with_surnames
from etl.quotes.sentences import Words
from tests.etl.quotes.test_coreference import staged


def found(annotator: Annotator, text: str) -> dict[str, Candidate]:
    """The candidates of an article by their head words."""
    return {c.head: c for c in staged(annotator, f"Harbour news\n\n{text}\n")[1].in_order}


def test_the_subject_of_a_reporting_verb_is_speaking(annotator: Annotator) -> None:
    text = "Harbour news\n\nMary Holt said the old wall held. John Reed repaired a boat.\n"
    layout, candidates, _ = staged(annotator, text)
    by_head = {c.head: c for c in candidates.in_order}
    assert is_speaking(layout, by_head["Holt"])
    assert "said" in [layout.words[v].text for v in by_head["Holt"].verbs]
    assert not is_speaking(layout, by_head["Reed"])
    assert (candidates.times_named["holt"], candidates.times_speaking["holt"]) == (1, 1)
    assert candidates.times_speaking["reed"] == 0


def test_a_candidate_is_printed_as_its_phrase(annotator: Annotator) -> None:
    text = "The old harbour master said the wall held."
    candidate = found(annotator, text)["master"]
    page = f"Harbour news\n\n{text}\n"
    assert page[candidate.start : candidate.end] == "The old harbour master"
    assert candidate.mention is None


def test_a_candidate_is_printed_with_the_whole_of_a_name(annotator: Annotator) -> None:
    phrase = "The head of the Farmers' Union of Norland and Vesk"
    page = f"Harbour news\n\n{phrase} said it would strike.\n"
    layout, _, _ = staged(annotator, page)
    union = Mention(page.index("Farmers"), page.index(" said"), "ORG", "Farmers' Union of Norland and Vesk")
    head = next(c for c in find_candidates(layout, [union]).in_order if c.head == "head")
    assert page[head.start : head.end] == phrase
    assert head.mention is None


def test_the_place_in_brackets_that_somebody_is_from_is_no_candidate(annotator: Annotator) -> None:
    heads = found(annotator, "Senators John Reed (Maine) and Mary Holt (N.H.) said the wall held.")
    assert {"Reed", "Holt"} <= heads.keys()
    assert heads.keys().isdisjoint({"Maine", "N.H."})


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Marrack and Dorn analyst Stephen Quill said shares would lose out.", "Stephen Quill"),
        ("“They are cheap,” said Tallis and Co senior analyst Michael Holt.", "Michael Holt"),
        ("“They are dear,” said Marrack, Dorn and Varga analyst Bruce Quill.", "Bruce Quill"),
        ("The Norvane Ports Authority (NPA) director-general Ann Quill said shares would lose out.", "Ann Quill"),
        ("England forward Stephen Quill said shares would lose out.", "Stephen Quill"),
        ("Mary Marrack and House Speaker Stephen Quill said shares would lose out.", "Mary Marrack"),
        ("Marrack said he and analyst Stephen Quill had met.", "Marrack"),
    ],
)
def test_a_firm_before_a_role_and_a_name_is_no_speaker(annotator: Annotator, sentence: str, name: str) -> None:
    layout, candidates, _ = staged(annotator, f"Harbour news\n\n{sentence}\n")
    names = [c.mention.name for c in candidates.in_order if c.mention and is_speaking(layout, c)]
    assert names[0] == name


def test_a_company_is_printed_with_its_ticker(annotator: Annotator) -> None:
    page = "Harbour news\n\nHaldmark Lines Plc <HLD.L> said it would sell its ferries.\n"
    layout, candidates, _ = staged(annotator, page)
    [speaker] = [
        c for c in candidates.in_order if c.relation == "nsubj" and "said" in (layout.words[v].text for v in c.verbs)
    ]
    assert page[speaker.start : speaker.end] == "Haldmark Lines Plc <HLD.L>"
    assert speaker.mention is not None
    assert speaker.mention.name == "Haldmark Lines Plc"


def test_nobody_inside_quotation_marks_is_a_candidate(annotator: Annotator) -> None:
    assert "Reed" not in found(annotator, "“John Reed lied,” Mary Holt said on Monday.")


def test_a_relative_pronoun_leads_to_what_it_stands_for(annotator: Annotator) -> None:
    layout, candidates, _ = staged(annotator, "Harbour news\n\nMary Holt, who said the wall held, left early.\n")
    who = next(c for c in candidates.in_order if c.head == "who")
    assert who.antecedent is not None
    assert layout.words[who.antecedent].text == "Holt"


def test_candidates_are_found_by_position(annotator: Annotator) -> None:
    _, candidates, _ = staged(annotator, "Harbour news\n\nMary Holt said John Reed left. She saw Peter Lang.\n")
    first, *_, last = candidates.in_order
    assert candidates.at(first.position) == first
    assert candidates.at(last.position + 100) is None
    assert list(candidates.between(first.position, last.position)) == list(candidates.in_order[:-1])
    assert list(candidates.near(last.position, 1)) == list(candidates.in_order[-2:])


def test_candidates_are_in_order_where_nothing_is_parsed(annotator: Annotator) -> None:
    layout, candidates, _ = staged(
        annotator, "Harbour news\n\nShe sat near Mary Holt. He met John Reed and Peter Lang.\n"
    )
    assert not any(sentence.is_parsed for sentence in layout.sentences)
    assert [c.head for c in candidates.in_order][-5:] == ["She", "Holt", "He", "Reed", "Lang"]


@pytest.mark.parametrize("entity_type", ["ORG", None])
def test_a_bare_surname_is_its_bearers(entity_type: str | None) -> None:
    """Whether it was taken for something else or overlooked."""
    words = Words(("Mary", "Holt", "left", "Holt", "spoke"), (0, 5, 10, 15, 20), (4, 9, 14, 19, 25), (0, 1, 2, 3, 4))
    mentions = [Mention(0, 9, "PERSON", "Mary Holt")]
    if entity_type:
        mentions.append(Mention(15, 19, entity_type, "Holt"))
    assert with_surnames(words, mentions)[1] == Mention(15, 19, "PERSON", "Mary Holt")


def test_a_known_place_is_no_surname() -> None:
    """Though a person is named like it."""
    words = Words(("Ron", "Cuba", "left", "Cuba"), (0, 4, 9, 14), (3, 8, 13, 18), (0, 1, 2, 3))
    mentions = [Mention(0, 8, "PERSON", "Ron Cuba"), Mention(14, 18, "GPE", "Cuba")]
    assert with_surnames(words, mentions) == mentions


@pytest.mark.parametrize(
    ("subject", "head"),
    [
        ("The diver, Peter Turner,", "diver"),
        ("The delegate in London, Peter Turner,", "delegate"),
        ("The head of the ferry company, Peter Turner,", "head"),
        ("His nephew Peter el Turner", "nephew"),
        ("One of the divers, Peter Turner,", "One"),
        ("Former senator and Norvane mayor Peter Turner", "senator"),
    ],
)
def test_a_name_after_a_description_is_that_of_the_described(annotator: Annotator, subject: str, head: str) -> None:
    mention = found(annotator, f"Peter Turner came. {subject} said on Monday that the wall would hold.")[head].mention
    assert mention is not None
    assert mention.name in ("Peter Turner", "Peter el Turner")


def test_a_candidate_is_printed_without_what_follows_a_colon(annotator: Annotator) -> None:
    page = "Harbour news\n\nTurner: No end to the harbour row in Norvane\n"
    candidate = next(c for c in staged(annotator, page)[1].in_order if c.head == "Turner")
    assert page[candidate.start : candidate.end] == "Turner"
