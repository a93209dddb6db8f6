from etl.knowledge.pronouns import FEMALE, HE_SHE, IT, MALE, PRONOUNS


def test_a_pronoun_is_of_one_kind() -> None:
    assert len(MALE) + len(FEMALE) + len(IT) == len(MALE | FEMALE | IT)
    assert {"he", "herself"} <= HE_SHE < PRONOUNS
    assert {"it", "whom", "they"} <= PRONOUNS - HE_SHE
