import pytest

from etl.model.annotate import Annotator
from etl.quotes.confidence import speaker_probability
from etl.quotes.speaker_identity import Speaker, SpeakerIdentities
from tests.etl.quotes.test_coreference import staged


def speaker(annotator: Annotator, text: str, head: str) -> Speaker:
    """The speaker that the last candidate with a head stands for."""
    layout, candidates, references = staged(annotator, f"Rain over the wall\n\n{text}\n")
    return SpeakerIdentities(layout, candidates, references).of([c for c in candidates.in_order if c.head == head][-1])


@pytest.mark.parametrize(
    ("text", "head", "name", "speaker_type"),
    [
        ("Mary Holt spoke on Monday. Her claim that the wall held was denied.", "claim", "Mary Holt", "person"),
        ("Mary Holt, who said the wall held, left early.", "who", "Mary Holt", "person"),
        ("One New Hampshire Democrat said the wall held.", "Democrat", None, "anonymous"),
        (
            "Senator Mary Holt came on Monday. The Ohio Republican said the wall held.",
            "Republican",
            "Mary Holt",
            "person",
        ),
        ("The London Mayor said the wall held.", "Mayor", None, "anonymous"),
        ("The Economist said the wall held.", "Economist", "The Economist", "organisation"),
        ("The economist Mary Holt left. The Guardian said the wall held.", "Guardian", "The Guardian", "organisation"),
        ("Mary Holt is an economist. The economist said the wall held.", "economist", "Mary Holt", "person"),
        ("Business Insider said the wall held.", "Insider", "Business Insider", "organisation"),
        ("The Scottish Executive said the wall held.", "Executive", "Scottish Executive", "organisation"),
        ("U.S. Ambassador to the United Nations Mary Holt said the wall held.", "Ambassador", "Mary Holt", "person"),
        ("Another Iowa Republican said the wall held.", "Republican", None, "anonymous"),
        ("A Microsoft report said sales fell. The report said they will rise.", "report", "Microsoft", "document"),
        ("Microsoft lost money. The company said it would change.", "company", "Microsoft", "organisation"),
        ("Microsoft lost money. The Danish finance ministry said it would help.", "ministry", None, "group"),
        (
            "Microsoft fell. A Toyota clerk left. Microsoft rose. The company said so.",
            "company",
            "Microsoft",
            "organisation",
        ),
        (
            "The Holt Foundation met. Microsoft paid. The foundation said so.",
            "foundation",
            "Holt Foundation",
            "organisation",
        ),
        ("Microsoft fell. The London-based company said it would help.", "company", "Microsoft", "organisation"),
        (
            "Microsoft fell. It asked the firm Toyota. Microsoft rose. The firm said so.",
            "firm",
            "Toyota",
            "organisation",
        ),
        (
            "The Ministry of Defence met. Microsoft paid. The ministry said so.",
            "ministry",
            "Ministry of Defence",
            "organisation",
        ),
        (
            "The Holt Company came. Microsoft fell. Microsoft rose. The company said so.",
            "company",
            "Microsoft",
            "organisation",
        ),
        ("Microsoft fell. The Holt Council met. The company said so.", "company", "Microsoft", "organisation"),
        ("The Fisheries Ministry met. Microsoft paid. The health ministry said so.", "ministry", None, "group"),
        ("Critics of the mayor, Mary Holt, said the wall held.", "Critics", None, "anonymous"),
        (
            "The lawyer for Mary Holt, John Reed and Peter Lang said so. The lawyer said more.",
            "lawyer",
            None,
            "anonymous",
        ),
        ("The lawyer for Mary Holt, John Reed and Peter Lang said the wall held.", "lawyer", None, "anonymous"),
        ("Zoo director Mary Holt came. The zoo said it would open.", "zoo", None, "group"),
        ("One of the pilots, Mary Holt, said the wall held.", "One", "Mary Holt", "person"),
        ("Retired historian and museum curator Mary Holt said the wall held.", "Holt", "Mary Holt", "person"),
        ("“It is close,” officials said on Monday.", "officials", None, "anonymous"),
        ("A former co-founder said the wall held.", "founder", None, "anonymous"),
        ("Most of the voters said the wall held.", "Most", None, "anonymous"),
        ("A man who said the wall held left early.", "who", None, "anonymous"),
        pytest.param(
            *("A Republican said the wall held.", "Republican", "Republican", "anonymous"),
            marks=pytest.mark.xfail(strict=True, reason="the encoder sees no group in a member of it"),
        ),
        ("The union said the wall held.", "union", None, "group"),
        ("The Conservatives said the wall held.", "Conservatives", "Conservatives", "organisation"),
        ("Court papers said the wall held.", "papers", None, "document"),
        ("Polls showed that the wall mattered.", "Polls", None, "document"),
        ("Three weeks showed that the wall held.", "weeks", None, "none"),
        ("The match suggested that the wall held.", "match", None, "none"),
    ],
)
def test_a_speaker_has_the_name_the_article_gives(
    annotator: Annotator, text: str, head: str, name: str | None, speaker_type: str
) -> None:
    found = speaker(annotator, text, head)
    assert (found.name, found.type) == (name, speaker_type)
    assert 0 <= found.probability <= 1


def test_what_cannot_speak_is_no_voice_to_rely_on() -> None:
    silent, person = Speaker(None, None, "none", "description"), Speaker(None, None, "anonymous", "description")
    assert speaker_probability(0.9, silent) < 0.5 < speaker_probability(0.9, person)


def test_a_surname_of_several_people_is_less_sure_than_that_of_one(annotator: Annotator) -> None:
    alone = speaker(annotator, "Mary Holt came. Holt said the wall held.", "Holt")
    both = speaker(annotator, "Mary Holt came. Ann Holt left. Councillor Holt said the wall held.", "Holt")
    assert both.probability == pytest.approx(0.5)
    assert speaker_probability(0.9, both) < 0.6 < speaker_probability(0.9, alone)
