"""Classify a line by its wording alone: caption, boilerplate, trailer, or heading."""

import re
from collections.abc import Sequence

from etl.knowledge.word_lists import words as word_list
from etl.text import fold_words

#: The longest boilerplate, and the longest trailer or caption, in code points. Longer stretches are prose.
MAX_BOILERPLATE = 200
MAX_NOTE = 600

_SITES = "(?:twitter|facebook|instagram|youtube|linkedin|google|whatsapp|messenger|telegram|snapchat|pinterest|reddit|tumblr)"
#: Lines on pages that are not part of the article: advertisements, links, buttons, notices of the site.
BOILERPLATE_FORMS = (
    r"(?:advertisements?|advert|article content|sponsored(?: content| links?)?|promoted(?: stories)?|loading|abstract|full text"
    r"|body"
    r"|close|photos?|videos?|images?|gallery|(?:slideshow|gallery) \(.{1,20}\)|corrections? appended)[.:…]*",
    r"(?:(?:view|leave a|post a|\d+) comments?|comments?(?: \(\d+\))?|reprints|e-?mail|print|save|tweet|pin it|copy link)",
    r"related(?: (?:articles?|stories|story|topics?|content|news|coverage|links?|items))?:?",
    r"most (?:read|popular|viewed|shared)|trending(?: now)?|top stories|recommended(?: for you)?|editor'?s'? picks|up next",
    r"more (?:news|stories|on this|like this|from .{1,40})|now playing|popular videos?|replay|play video|back to top",
    r"(?:hide|show|toggle) captions?|table of contents|(?:first|final|late|city|national|main) edition",
    r"(?:story|article|text) continues?\b.{0,60}|(?:advertisement )?continue reading\b.{0,80}|skip (?:to|past)\b.{0,60}",
    r"scroll (?:down|below|to|for)\b.{0,60}|(?:click|tap) (?:here|to|on|through)\b.*",
    r"(?:read|see|watch|view|learn|find out|hear|show|load) more\b.*|read or share\b.*",
    r"\((?-i:[A-Z][A-Z ,.;:_–—-]{8,120})\)",
    r"\[[^\[\]]{5,150}\]|.{0,80}: ?[\w-]{2,30}\.[a-z]{2,4}/\S{1,80}|(?:</?(?-i:[a-z])[^<>]{0,100}>)+",
    r"(?:read|watch|listen|see|read also|also read|see also|read next|don['’]t miss|related|more|must read|in pictures"
    r"|also on [\w ]{2,30}|you (?:may|might) (?:also )?like) ?[:|»›→>].*",
    r"share(?: (?:this|on|via|it|with|the)\b.{0,80}| ?\d*)|(?:tweet|e-?mail|print) this\b.{0,40}",
    rf"(?:like|follow|find|join|visit)\b.{{0,60}}\b(?:on|via) {_SITES}\b.{{0,80}}|.{{0,10}}\bon {_SITES}: @\w+.{{0,40}}",
    r"follow @\w+.{0,60}|@\w{1,30}|pic\.twitter\.com/\w+|(?:https?://|www\.)\S+|https? ?: / / .{1,180}",
    r"(?:sign up|subscribe|register|get|join|want)\b.{0,120}\b(?:newsletters?|inbox|e-?mails?|alerts?|updates|for free)\b.*",
    r"newsletters?\b.{0,30}\bsign ?up\b.*|download (?:our|the)\b.{0,60}\bapp\b.{0,60}",
    r"(?:media|video) playback is unsupported.*|chat with us (?:in|on)\b.*|interested in .{1,60}\? ?add\b.*",
    r"please (?:enable|turn on|log in|sign in|subscribe|verify)\b.*|we use cookies\b.*",
    r"(?:this|your) (?:video|content|browser)\b.{0,40}\b(?:not|isn['’]t|unavailable|removed)\b.{0,60}",
    r"external links? (?:is|are) provided\b.*|(?:terms of (?:use|service)|privacy policy)\b.{0,80}",
    r"(?:photos?|images?|slides?|videos?)? ?\d{1,3} (?:of|/) \d{1,3}(?: documents?)?|document \d+ of \d+",
    r"page \d{1,4} of \d{1,4}|[\d,]{1,7} words|keywords?\s*:.*",
    # Slugs, versions and takes of wire copy, and notes to editors.
    r"(?-i:[A-Z]{2,3})--?(?-i:[A-Z]).{2,60}?,\s*(?:(?:\d\w\w )?(?:ld|add|sub|bjt|writethru|urgent|advisory)\b.*|\d{2,4})",
    r"(?:\d\w\w )?add \d{1,2}\b.{0,60}|eds\.?\s*:.*|(?-i:[a-z]\d{4} [a-z] [a-z]) .{3,80}",
    r"(?-i:[A-Z]{2,3}-(?:[A-Z]{2,3}-)?)\d\d-\d\d-\d\d \d{4}(?-i:[A-Z]{0,4})<?",
    r"have (?:a|any) (?:suggestion|tip|story|news)\b.*",
    # The way from the site's first page to this one.
    r"(?:you are here:? )?[\w&'’-]{2,20}(?: [\w&'’-]{1,20}){0,3}(?: ?[>›»] ?[\w&'’][\w&'’ -]{1,60}){1,5}",
    r"[\s=*_#~–—•·.|>-]+",
)
#: Beginnings of captions and picture credits …
CAPTION_FORMS = (
    r"file\s*(?:photo)?\s*[-–—:]|\(?file\s+(?:photo|picture|image)\b|\[?(?:photo|picture|image)\s*/|enlarge this image",
    r"(?:photo|picture|image|photograph|graphic|illustration|video|caption|credit|cover image)s?\s*"
    r"(?::|by\s+[A-Z]|courtesy|credit|copyright|caption|source\s*:)",
    r"[a-z][\w.'’-]*(?: [a-z][\w.'’-]*){0,3} ?/ ?(?:ap|afp|reuters|epa|getty images|(?:the )?associated press)\b",
    r"(?:image|media|photo)\s+(?:copyright|caption|source|credit)\b|pictured\s*[:(]",
    # The name of the photographer or agency, followed by a caption without a full stop.
    r"(?:(?:handout - )?getty(?: images)?(?: - contributor)?|ap:associated press|reuters|afp|ap|shutterstock)\s"
    r"(?-i:[A-Z])[^.!?]*(?:\.\w[^.!?]*)*\Z|(?-i:[A-Z][a-z'’]{1,20} [A-Z][\w'’-]{1,20}/[A-Z][\w' ]{2,25}\Z)",
)
#: … and credits at the end of a caption.
CREDIT_FORMS = (
    r"[(\[][^()\[\]]{0,80}(?:\bphotos?\b|getty|reuters|\bafp\b|associated press|\bap\b|\bepa\b|shutterstock|\bfile\b|courtesy)"
    r"[^()\[\]]{0,60}[)\]]",
    r"getty images|ap photo(?:/[^/]{1,40})?|reuters/[\w .-]{2,40}|shutterstock|© ?[\w .]{2,40}(?:\([\w .]{2,20}\))?",
    r"\([a-z][\w.'’-]* [a-z][\w .'’-]{1,30}\s?/\s?[a-z][\w .&-]{1,40}\)",
    r"\b(?:photograph|photo|picture|image|credit|source)\s?:\s?[^.:]{2,60}",
)
#: What stands before a caption on its line, as on pages of the BBC: "Image copyright Reuters Image caption Doctors said …".
CAPTION_LABEL = re.compile(
    r"(?:(?:image|media)\s+(?:copyright|source|credit)\b.{1,60}?\s)?(?:image|media)\s+caption\b[:,]?\s+", re.IGNORECASE
)
#: Last characters of prose, with which credits rarely end, and the exceptions. They decide most stretches.
PROSE_ENDS, CREDIT_ENDS = '.!?"”’', (").", "].", "mages.")
CREDIT_REACH = 160
#: The end of a sentence, perhaps inside quotation marks.
ENDS_SENTENCE = re.compile(r"[.!?…][\"”»’']*\Z")
#: The most words of a caption. A longer paragraph that ends in a credit is prose.
MAX_CAPTION_WORDS = 70
#: Lines below articles: contributors, copyright, end marks.
TRAILER_FORMS = (
    r"\({0,2}\s*(?:additional |further )?(?:reporting|writing|editing|report|compiled|edited|translated|written)"
    r"\s+(?:and\s+(?:writing|editing|reporting)\s+)?by\b.*",
    r"\(?(?:with|using) (?:additional |further )?(?:reporting|files|inputs?|reports?|agencies)\b.*",
    r"\(?(?:copyright\s*(?:©|\(c\)|by\b|the\b|:|(?:19|20)\d\d)|©|\(c\)\s*(?:19|20)\d\d).*",
    r"[-–—*\s]*30[\s*–—-]+|[-–—(*]*\s*(?:ends?|reuters?|reuter 3|reuter3|fin|more)\s*[-–—)*]+|ends?|reuters?",
    r"end of (?:document|article|story)|(?:information|reports?|sources?) from\s*:.*|our standards\s*:.*",
    r"(?:media|press) contacts?\s*:.*|for (?:more|further) information\b.{0,20}\b(?:visit|contact|call|see|go)\b.*",
    r"this (?:story|article|report|post|piece) (?:was|is|has been|originally|first|appeared)\b.{0,40}"
    r"\b(?:published|updated|corrected|appeared|produced|generated|edited|part)\b.*",
    r"(?:a|an earlier) version of this (?:story|article|report|post)\b.*|\(?(?:correction|clarification|editor['’]s note)\s*:.*",
    r"the (?:associated press|canadian press|ap) contributed\b.*|online\s*:|\(?(?:afp|ap|upi|ani|pti|ians|xinhua|bernama)\)?",
    r"[–—-]?\s*with assistance (?:by|from)\b.*|.{2,20} transcripts are (?:created|produced)\b.*",
    r"additional reporting (?:by|from)\b.*|\(?h/t:? .{2,60}",
    r"[a-z]{2,3}[-/][a-z]{2,3}(?:[-/][a-z]{2,3})*|\([a-z]{2,4}[-/][a-z]{2,4}\)",
)
#: Patterns inside trailers, by a word that is faster to search for.
TRAILER_WORDS = {
    "contributed": re.compile(
        r"contributed (?:reporting|(?:to )?(?:this|the)\b.{0,20}\b(?:report|story|article|post|dispatch)|from \w+)\b.{0,80}\Z"
    ),
    "ights reserved": re.compile(r"ights reserved\b.{0,200}\Z"),
}


def _one_of(forms: Sequence[str], *, to_end: bool = True) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(forms)})" + (r"\.?\Z" if to_end else ""), re.IGNORECASE)


BOILERPLATE, CAPTION, TRAILER = _one_of(BOILERPLATE_FORMS), _one_of(CAPTION_FORMS, to_end=False), _one_of(TRAILER_FORMS)
CREDIT = _one_of(CREDIT_FORMS)

#: A sub-heading has at most this many words, no full stop, and at least this share of its longer words capitalised …
HEADING_MAX_WORDS = 12
HEADING_CAPITALS = 0.6
#: … or it has at most this many words, or is a question.
HEADING_FEW_WORDS = 6
#: A line that ends like a sentence is still a title if at least this share of its longer words is capitalised.
TITLE_CAPITALS = 0.8
#: The longest headline, in code points and words; and the most words of one that ends with a full stop, and of several sentences.
HEADLINE_MAX, HEADLINE_MAX_WORDS, SENTENCE_HEADLINE_MAX_WORDS, SENTENCES_HEADLINE_MAX_WORDS = 250, 40, 17, 16
MID_SENTENCE_END = re.compile(r"[^\W\d_]{3,}[.!?][\"”’]?\s+[\"“‘]?[A-Z]")
#: Beginnings of questions in interviews, which are speech, not headings.
ASKED = re.compile(r"Q(?:uestion)?[:. ]\s?[A-Z]")
LABELLED_QUESTION = re.compile(r"(?:[A-Z][\w.'’-]*[ :]){1,4}(?<=:)\s*[A-Z“\"'‘].*\?\Z")
OPENING_MARKS = "\"“‘«„'`"
#: Speech in quotation marks.
SPEECH = re.compile(r"[\"“„«][^\"“”„«»]{8,}[\"”»]|(?<!\w)[‘'](?=\w)[^‘’']{16,}[’'](?!\w)")
#: Words of links and buttons, and the share of a line's words that makes it one.
FURNITURE_SHARE = 0.65
FURNITURE_WORDS = word_list("furniture")
#: Words of the labels above headlines, and the most words of one.
KICKER_WORDS, MAX_KICKER_WORDS = FURNITURE_WORDS | word_list("sections"), 4
#: A sentence of the article has at least this many words, at most this share of the words of links, and nothing of `FORMAL`.
STATEMENT_MIN_WORDS, STATEMENT_MAX_FURNITURE = 8, 0.6
REPORTED = re.compile(r"\b(?:said|says|told|tells|tell|asked|asks)\b")
FORMAL = re.compile(
    r"copyright (?:©|\(c\)|by|the|\d)|©|\(c\)|rights reserved|https?:|www\.|[@:|»›]"
    r"|\b(?:here|your|you|our|us|we|newsletter|email)\b"
    r"|\b(?:reporting|writing|editing|contributed|edited|originally|first|version|article|story|post)\b|\A\W",
    re.IGNORECASE,
)


def is_kicker(text: str) -> bool:
    """Whether a line names a section, a kind of article or a button, as above headlines: ``World news``, ``Log in``."""
    words = [word for word in fold_words(text).split() if word.isalpha()]
    return 0 < len(words) <= MAX_KICKER_WORDS and all(word in KICKER_WORDS for word in words)


def is_furniture_only(text: str) -> bool:
    """Whether a line consists of words of links and buttons."""
    words = [word for word in fold_words(text).split() if word.isalpha()]
    return sum(word in FURNITURE_WORDS for word in words) >= FURNITURE_SHARE * len(words)


def is_statement(text: str) -> bool:
    """Whether a stretch is a whole sentence of the article, not one that addresses the reader."""
    if not text[0].isupper() or text[-1] != ".":
        return False
    words = fold_words(text).split()
    n_furniture = sum(word in FURNITURE_WORDS for word in words)
    is_prose = n_furniture <= STATEMENT_MAX_FURNITURE * len(words) and not FORMAL.search(text)
    return len(words) >= STATEMENT_MIN_WORDS and (is_prose or REPORTED.search(text) is not None)


def note_kind(text: str) -> str | None:
    """``boilerplate``, ``caption`` or ``trailer`` if the wording of a one-line stretch shows it; else None.

    A sentence with quoted speech can only be a caption.
    """
    if len(text) > MAX_NOTE:
        return None
    kind = _furniture_kind(text)
    if kind and not (ENDS_SENTENCE.search(text) and SPEECH.search(text)):
        return kind
    return "caption" if CAPTION.match(text) or _has_credit(text) else None


def caption_label(text: str) -> int:
    """The length of the credit and label before a caption's own words; 0 for none."""
    label = CAPTION_LABEL.match(text)
    return label.end() if label else 0


def _furniture_kind(text: str) -> str | None:
    if len(text) <= MAX_BOILERPLATE and BOILERPLATE.match(text):
        return "boilerplate"
    is_trailer = TRAILER.match(text) or any(word in text and form.search(text) for word, form in TRAILER_WORDS.items())
    return "trailer" if is_trailer else None


def _has_credit(text: str) -> bool:
    if text[-1] in PROSE_ENDS and not text.endswith(CREDIT_ENDS):
        return False
    return CREDIT.search(text[-CREDIT_REACH:].lower()) is not None and len(text.split()) <= MAX_CAPTION_WORDS


def is_sub_heading(text: str) -> bool:
    """Whether a line is a heading between paragraphs: short, capitalised or a question, no full stop, no quotation."""
    words = text.split()
    if (
        len(words) > HEADING_MAX_WORDS
        or text[-1] in ".!,;:…\"”'’)-–—"
        or text[0] in OPENING_MARKS
        or not text[0].isalnum()
        or text[0].islower()
        or ASKED.match(text)
        or LABELLED_QUESTION.match(text)
    ):
        return False
    if sum(any(c.isdigit() for c in w) for w in words) * 2 >= len(words) or "@" in text:
        return False
    return text[0].isupper() if text[-1] == "?" or len(words) <= HEADING_FEW_WORDS else is_capitalised(text)


def is_capitalised(text: str, share: float = HEADING_CAPITALS) -> bool:
    """Whether at least this share of the longer words of a line is capitalised, as in titles."""
    long_words = [w for w in text.split() if len(w) > 3 and w[0].isalpha()]
    return bool(long_words) and sum(w[0].isupper() for w in long_words) >= share * len(long_words)


def is_headline(text: str) -> bool:
    """Whether a stretch at the head of a page can be its headline: short, and not several sentences."""
    words = text.split()
    if len(text) > HEADLINE_MAX or len(words) > HEADLINE_MAX_WORDS or not any(c.isalnum() for c in text):
        return False
    ends_like_sentence = text[-1] in ".!" and not is_capitalised(text, TITLE_CAPITALS)
    limit = SENTENCES_HEADLINE_MAX_WORDS if MID_SENTENCE_END.search(text) else SENTENCE_HEADLINE_MAX_WORDS
    return not (ends_like_sentence and len(words) > limit)
