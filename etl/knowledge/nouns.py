"""Nouns that tell what kind of voice speaks: a person, a body, a document."""

#: What is written or shown, and says something.
DOCUMENTS = frozenset(
    """
    report statement letter study memo poll survey article editorial book document review analysis op-ed column
    story email e-mail message post tweet headline caption sign banner website page law bill act amendment
    constitution ruling order lawsuit complaint filing transcript release advisory notice text note ad
    advertisement video film song chapter paper research findings data resolution platform policy plan blog
    newsletter invitation petition indictment affidavit brief opinion slogan shirt poster placard clip spot memoir
    finding findings projection dossier testimony telegram
    """.split()
)
#: What is said is somebody's: "her remark", "his past comments".
WORDS = frozenset(
    """
    remark remarks comment comments claim claims answer reply response admission assertion argument message
    statement statements speech words question promise pledge vow warning suggestion allegation accusation
    description explanation comparison contention insistence tweet tweets
    """.split()
)
#: Nouns for bodies that speak through people.
BODIES = frozenset(
    """
    campaign company party government administration committee group organisation organization agency department
    ministry office police court board council team newspaper paper magazine network channel station outlet
    union association foundation bank firm university school institute commission church army military force
    senate house congress parliament white post times coalition league club federation bureau embassy regime
    state country nation city pac super
    """.split()
)
#: Nouns that stand for a person ("the senator", "the former actress"), though nobody in the article is said to be that.
PERSON_NOUNS = frozenset(
    """
    candidate nominee frontrunner front-runner billionaire businessman businesswoman mogul magnate tycoon
    politician contender hopeful star author actor actress singer rapper player coach manager writer novelist
    director founder veteran man woman boy girl native host anchor senator congressman congresswoman
    representative governor mayor president premier chancellor minister secretary ambassador diplomat lawmaker
    legislator general admiral colonel captain sheriff judge justice prosecutor attorney lawyer professor
    economist historian scientist researcher doctor pastor bishop cardinal pope pontiff rabbi imam king queen
    prince princess activist strategist pollster columnist commentator comedian musician artist athlete champion
    midfielder striker defender quarterback driver Republican Democrat republican democrat conservative liberal
    socialist independent outsider incumbent teenager pensioner year-old entrepreneur chairman chairwoman
    executive boss leader newcomer mother father widow investor analyst expert journalist reporter editor adviser
    physician surgeon developer lobbyist academic scholar biologist chemist physicist sociologist psychologist
    philanthropist broadcaster presenter
    """.split()
)
#: Nouns for bodies that stand for the organisation spoken of last ("the company", "the union").
TOPICAL_BODIES = frozenset(
    """
    agency company firm union group organisation organization newspaper paper magazine outlet network channel
    bank club ministry department committee commission association foundation university tabloid broadcaster service
    """.split()
)
