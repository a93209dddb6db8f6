"""What the encoder says of each word: the labels of its heads, and which columns of its output are whose."""

from functools import cache

#: Classes of names, labelled as in the shared task of CoNLL-2003: B begins a name, I goes on with it, O is none.
NAME_CLASSES = ("PER", "ORG", "LOC", "NORP", "MISC")
NAME_LABELS = ("O", *(f"{part}-{name}" for name in NAME_CLASSES for part in "BI"))
#: Labels of a stretch: outside, its first word, another of its words.
STRETCH_LABELS = ("O", "B", "I")
_TAGS = """
$ '' , -LRB- -RRB- . : ADD AFX CC CD DT EX FW HYPH IN JJ JJR JJS LS MD NFP NN NNP NNPS NNS PDT POS PRP PRP$ RB RBR RBS
RP SYM TO UH VB VBD VBG VBN VBP VBZ WDT WP WP$ WRB XX ``
"""
_RELATIONS = """
ROOT acl acomp advcl advmod agent amod appos attr aux auxpass case cc ccomp compound conj csubj csubjpass dative dep det
dobj expl intj mark meta neg nmod npadvmod nsubj nsubjpass nummod oprd parataxis pcomp pobj poss preconj predet prep prt
punct quantmod relcl xcomp
"""
#: Part-of-speech tags and relations, as in OntoNotes 5, by their numbers.
TAGS = {tag: n for n, tag in enumerate(_TAGS.split())}
RELATIONS = {relation: n for n, relation in enumerate(_RELATIONS.split())}
#: Groups of tags.
NAME_TAGS = frozenset({"NNP", "NNPS"})
NOUN_TAGS = NAME_TAGS | {"NN", "NNS"}
FINITE_TAGS = frozenset({"VBD", "VBP", "VBZ"})
VERB_TAGS = FINITE_TAGS | {"VB", "VBG", "VBN"}
#: The size of the projections whose products are links.
LINK = 64
#: The columns of the encoder's output, in order. A link goes from one word's projection to another's.
COLUMNS = {
    "name": len(NAME_LABELS),
    "content": len(STRETCH_LABELS),
    "cue": len(STRETCH_LABELS),
    "source": len(STRETCH_LABELS),
    "content_source_from": LINK,
    "content_source_to": LINK,
    "content_cue_from": LINK,
    "content_cue_to": LINK,
    "tag": len(TAGS),
    "relation": len(RELATIONS),
    "head_from": LINK,
    "head_to": LINK,
}


@cache
def column(name: str) -> slice:
    """The columns of one head."""
    start = sum(COLUMNS[n] for n in list(COLUMNS)[: list(COLUMNS).index(name)])
    return slice(start, start + COLUMNS[name])
