"""Subjects of verbs of speech that the parser takes for something else, put right in the tree of a sentence."""

from collections.abc import Sequence

from etl.model.heads import FINITE_TAGS, NOUN_TAGS, VERB_TAGS
from etl.model.syntax import Tree

#: The least weight of a cue word that counts as a verb of speech.
MIN_WEIGHT = 0.0
SUBJECT_TAGS = NOUN_TAGS | {"PRP"}
SUBJECT_RELATIONS = frozenset({"nsubj", "nsubjpass"})
JOINING = frozenset({"and", "but"})


def with_subjects(tree: Tree, words: Sequence[str], weights: Sequence[float], quoted: Sequence[bool]) -> Tree:
    """The tree of a sentence with the subjects that were missed, given its words, their weights as cues, and which are quoted.

    These are who stands behind a quotation and its verb (“…,” asked the boy), and who is joined to the verb of somebody else
    (A reporter asked and Holm said, “…”).
    """
    relations, heads = list(tree.relations), list(tree.heads)
    speaks = [tag in FINITE_TAGS and weight >= MIN_WEIGHT for tag, weight in zip(tree.tags, weights, strict=True)]

    def subjects(verb: int) -> list[int]:
        return [k for k, head in enumerate(heads) if head == verb and relations[k] in SUBJECT_RELATIONS]

    for j, (tag, relation, head) in enumerate(zip(tree.tags, tree.relations, tree.heads, strict=True)):
        if tag not in SUBJECT_TAGS or not 0 < head < j:
            continue
        if relation == "dobj" and speaks[head] and quoted[head - 1] and not subjects(head):
            relations[j] = "nsubj"
        is_joined = relation == "conj" and tree.tags[head] in VERB_TAGS and words[j - 1].lower() in JOINING
        if is_joined and any(speaks[j + 1 : j + 2]):
            for other in subjects(j + 1):
                heads[other] = head if other < head else j + 1
            relations[j], heads[j] = "nsubj", j + 1
    return Tree(tree.tags, tuple(relations), tuple(heads))
