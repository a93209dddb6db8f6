"""Pronouns, by what they refer to. All forms, in lower case."""

from etl.knowledge.word_lists import words

MALE = words("male_pronouns")
FEMALE = words("female_pronouns")
HE_SHE = MALE | FEMALE
IT = words("thing_pronouns")
#: All pronouns that can refer to a speaker.
PRONOUNS = HE_SHE | IT | words("other_pronouns")
