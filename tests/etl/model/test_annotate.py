"""Pipelines other than the default: whatever spaCy loads and finds entities with will do."""

from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.pipeline import EntityRuler, TrainablePipe

from etl.extract.article import Extract, extract
from etl.model.annotate import Annotator
from etl.page.parse import Hints, parse
from etl.sources.file import Record
from tests.helpers import STORY


def ruled(*patterns: tuple[str, str]) -> Language:
    """A pipeline without a parser, a tagger or vectors, whose entities are texts with labels."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    ruler = nlp.add_pipe("entity_ruler")
    assert isinstance(ruler, EntityRuler)
    ruler.add_patterns([{"label": label, "pattern": text} for text, label in patterns])
    return nlp


def labelled(nlp: Language, name: str, label: str, model: dict[str, object]) -> None:
    """Add a component that gives one label."""
    pipe = nlp.add_pipe(name, config={"model": model})
    assert isinstance(pipe, TrainablePipe)
    pipe.add_label(label)


def found(nlp: Language, folder: Path) -> Extract:
    nlp.to_disk(folder)
    [result] = extract([parse(Record(0, STORY), Hints())], Annotator(str(folder)))
    return result


@pytest.mark.slow
@pytest.mark.parametrize("label", ["PERSON", "PER"])
def test_a_pipeline_of_rules_alone_will_do(tmp_path: Path, label: str) -> None:
    result = found(ruled(("Odile Marrack", label), ("Tobias Fenwright", label)), tmp_path / "model")
    named = {(mention.entity_type, mention.name) for mention in result.mentions}
    assert {("PERSON", "Odile Marrack"), ("PERSON", "Tobias Fenwright")} <= named
    [quote] = result.quotes
    assert STORY[quote.start : quote.end].startswith("“We shall ask")


@pytest.mark.slow
def test_a_label_that_is_no_class_of_ours_is_left_out(tmp_path: Path) -> None:
    result = found(ruled(("the rain", "WEATHER"), ("Friday", "DATE")), tmp_path / "model")
    assert not {"the rain", "Friday"} & {STORY[m.start : m.end] for m in result.mentions}


@pytest.mark.slow
def test_a_trained_pipeline_with_a_layer_shared_by_all_will_do(tmp_path: Path) -> None:
    """As the large pipelines have it: one layer that tagger, parser and names listen to."""
    nlp = spacy.blank("en")
    listener = {"tok2vec": {"@architectures": "spacy.Tok2VecListener.v1", "width": 96}}
    nlp.add_pipe("tok2vec")
    labelled(nlp, "tagger", "NN", {"@architectures": "spacy.Tagger.v2", **listener})
    transitions = {"@architectures": "spacy.TransitionBasedParser.v2", "hidden_width": 8, "maxout_pieces": 1}
    for name, state_type, label in (("parser", "parser", "nsubj"), ("ner", "ner", "PERSON")):
        model = {**transitions, **listener, "state_type": state_type, "extra_state_tokens": False, "use_upper": True}
        labelled(nlp, name, label, model)
    nlp.initialize()
    result = found(nlp, tmp_path / "model")
    [quote] = result.quotes
    assert STORY[quote.start : quote.end].startswith("“We shall ask")
