"""The language of an article."""

import pytest

from etl.page.language import language_of

ENGLISH = "The council will mend the quay wall before the winter, its chairwoman told a crowded meeting on Friday."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ENGLISH),
        ("en", ENGLISH.upper()),
        (
            "en",
            "Compagnie Générale de Navigation et du Port d’Orla, a unit of Schiffahrtsgesellschaft Tern AG, said so. "
            + 2 * ENGLISH,
        ),
        (
            "de",
            "Die Stadt wird die Kaimauer noch vor dem Winter reparieren, sagte die Vorsitzende am Freitag im Rathaus.",
        ),
        (
            "fr",
            "La ville réparera le mur du quai avant l’hiver, a déclaré sa présidente vendredi devant une salle comble.",
        ),
        (
            "es",
            "La ciudad reparará el muro del muelle antes del invierno, dijo su presidenta el viernes ante los vecinos.",
        ),
        (
            "it",
            "La città riparerà il muro della banchina prima dell’inverno, ha detto venerdì la presidente ai cittadini.",
        ),
        ("nl", "De stad zal de kademuur nog voor de winter herstellen, zei de voorzitter vrijdag in een volle zaal."),
        (
            "pt",
            "A cidade vai reparar o muro do cais antes do inverno, disse a presidente na sexta-feira aos moradores.",
        ),
        ("ru", "Город починит стену набережной до зимы, сказала председатель совета в пятницу на собрании жителей."),
        ("zh", "市政府将在冬季之前修复码头的墙壁，主席星期五在会议上对居民们说，工程很快就会开始。"),
        (None, "1.05 2.10 3.15 4.20 5.25 6.30 7.35 8.40 9.45"),
        (None, "Rain."),
    ],
)
def test_the_language_is_told_from_the_prose(language: str | None, text: str) -> None:
    assert language_of(text) == language
