"""Help that is built into the program: what stands where a card about danger has no good signature."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache

from accessibility.reading import read
from accessibility.rule_finding import LEVELS, Answer, Glossary, Level
from content.danger import Kind as Danger
from content.helplines import load_helplines
from content.signed_words import SignedBubble, SignedVersion, SignedWords
from content.signoff import BUILT_IN, Signer, SignOff

FIRST_HELP = "If someone is hurt, ill or in danger now, call 999. To talk to someone, call Childline on 0800 1111."
"""What stands before a reply that gives no answer. In Welsh it is the interface string of these words."""

# Every line is vetted by `content check`, as a card is. Nothing here is read from a file while a child waits.
DANGER_LINE = "If someone is hurt, ill or in danger now, call 999."
DANGER_WITHOUT_VOICE = "If you cannot talk, call 999 on a mobile, listen, then press 55."
DANGER_WITHOUT_VOICE_EASY = "If you cannot talk, call 999 on a mobile.\nA voice asks you to press 55."
DANGER_DEAF = "If you are deaf, use the 999 BSL app."
CHILDLINE_LINE = "You can call Childline on 0800 1111, or chat on the Childline website."
CHILDLINE_TELLS = (
    "Childline is not the police.\nChildline might have to tell the police or others, to keep children safe."
)
CHILDLINE_TELLS_EASY = "Childline is not the police.\nChildline might tell the police or others, to keep children safe."
COMPUTER_LINE = "A person can help keep you safe.\nI am a computer, so I cannot.\nNo person has seen what you typed."
PERSON_HERE = (
    "Sometimes. You might be able to write to a person here, who is not the police.\n"
    "The next page says if one is there."
)
PERSON_HERE_EASY = (
    "Sometimes a person can answer you here.\nThe person is not the police. The next page says if one is there."
)
WHO_HELPS, WHO_HELPS_LABEL = "Who can help me now?", "Help right now"
A_PERSON, A_PERSON_LABEL = "Can I talk to a person?", "Ask a person"

PERSON_CARD = "talk-to-a-person"
KEYS: frozenset[str] = frozenset({*(f"alarm-{kind}" for kind in Danger), "in-danger", PERSON_CARD})
"""The cards that help is built in for."""

_DANGER = SignedBubble(f"{DANGER_LINE}\n{DANGER_WITHOUT_VOICE}\n{DANGER_DEAF}", "emergency")
_DANGER_EASY = (
    SignedBubble(f"{DANGER_LINE}\n{DANGER_DEAF}", "emergency"),
    SignedBubble(DANGER_WITHOUT_VOICE_EASY, "phone"),
)
_CHILDLINE = SignedBubble(f"{CHILDLINE_LINE}\n{CHILDLINE_TELLS}", "call")
_CHILDLINE_EASY = SignedBubble(f"{CHILDLINE_LINE}\n{CHILDLINE_TELLS_EASY}", "call")
_EMERGENCY: Mapping[Level, tuple[SignedBubble, ...]] = {
    "standard": (_DANGER,),
    "simple": (_DANGER,),
    "easy": _DANGER_EASY,
}
_LISTENS: Mapping[Level, SignedBubble] = {"standard": _CHILDLINE, "simple": _CHILDLINE, "easy": _CHILDLINE_EASY}
_COMPUTER = SignedBubble(COMPUTER_LINE, "person")
_PERSON: Mapping[Level, SignedBubble] = {
    "standard": SignedBubble(PERSON_HERE, "person"),
    "simple": SignedBubble(PERSON_HERE, "person"),
    "easy": SignedBubble(PERSON_HERE_EASY, "person"),
}
# What a text says when it holds these ways to help already.
_SAYS_999, _SAYS_CHILDLINE = "999", "0800 1111"


@cache
def built_in(key: str) -> SignOff | None:
    """The help that stands where this card has no good signature; None for a card that none is built in for."""
    if key not in KEYS:
        return None
    return SignOff(BUILT_IN, key, _words(key), (), "", Signer("", ""), date.min, date.max, practice=False)


def standing_in(text: str, level: Level) -> tuple[SignedBubble, ...]:
    """Help in the place of bubbles that gave way: 999 and Childline, as far as `text`, which is left, lacks them."""
    emergency = () if _SAYS_999 in text else _EMERGENCY[level][:1]
    return emergency if _SAYS_CHILDLINE in text else (*emergency, _LISTENS[level])


def in_the_way(glossary: Glossary) -> Iterator[str]:
    """What stands in the way of reading this help: all that the reading rules find, and a number that is not ours."""
    for key in sorted(KEYS):
        for level, version in _words(key).levels.items():
            texts, pictures = zip(*((one.text, one.symbol) for one in version.bubbles), strict=True)
            answer = Answer(level, version.question, version.label, texts, pictures=pictures, help=True)
            found = read(answer, glossary)
            yield from (f"built-in help, {key}, {level}: {one.problem} ({one.text or one.suggestion})" for one in found)
    helplines = load_helplines()
    for key, text in (("emergency", DANGER_LINE), ("emergency-bsl", DANGER_DEAF), ("childline", CHILDLINE_LINE)):
        if helplines[key].show not in text:
            yield f'built-in help: helplines.yml has "{helplines[key].show}", and this help says "{text}"'


def _words(key: str) -> SignedWords:
    asks_person = key == PERSON_CARD
    return SignedWords(
        kind="alarm" if key.startswith("alarm-") else "house",
        about="help",
        asks="who-helps",
        situations=(),
        near=() if asks_person else (PERSON_CARD,),
        sources=(),
        levels={level: _version(level, asks_person=asks_person) for level in LEVELS},
    )


def _version(level: Level, *, asks_person: bool) -> SignedVersion:
    if asks_person:
        help_now = (_PERSON[level], *_EMERGENCY[level], _LISTENS[level])
        return SignedVersion(A_PERSON, A_PERSON_LABEL, help_now, ())
    return SignedVersion(WHO_HELPS, WHO_HELPS_LABEL, (*_EMERGENCY[level], _COMPUTER, _LISTENS[level]), ())
