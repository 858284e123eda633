"""Advice on a message that an advocate is writing to a child: what the reading rules say, in words for any adult.

Advice never stops a message: the advocate knows the child and the moment, the rules do not. Only the rules that one
message can keep are asked. Left out are those that judge a card as a whole (how common its words are on average, its
reading grade, who acts in it), those on its button, lists and pictures, those that need marks which a message has not
(everyday senses, spoken forms), and the passive, whose false alarms would teach people to look away.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from accessibility.language import forget, sentences
from accessibility.reading import read
from accessibility.rule_finding import Answer, Finding, Glossary, Level
from accessibility.rulebook import rulebook
from accessibility.yaml_text import read_yaml

KINDER = Path(__file__).with_name("kinder_words.yml")
MOST = 5
"""How many pieces of advice are given at once: more than that is not read."""
_QUOTES = 3
_QUOTED_WORDS = 9
PROMISE, DETAILS, HURTS, QUESTION, IDIOM, HARD, LETTERS, SHORT = 30, 31, 29, 28, 14, 8, 17, 12
VAGUE, LONG, IDEAS, NEGATIVES, WHOLE = 16, 1, 3, 13, 20
MAY, SOFT = 39, 44
_OTHER_NAME = 11
_VERB_IDIOM = 45


@dataclass(frozen=True)
class Quote:
    """A word or sentence of the message, and what to write instead; "" where only its writer can know."""

    text: str
    instead: str = ""


@dataclass(frozen=True)
class Advice:
    """One thing to think about before sending. `rule` is the number in the content standard."""

    rule: int
    title: str
    why: str
    quotes: tuple[Quote, ...]


# The worst first: what may harm a child, then what they may take wrongly, then what is only hard to read.
_SAYS: Mapping[int, tuple[str, str]] = {
    PROMISE: (
        "A promise that you may not be able to keep",
        "You may have to tell someone, to keep a child safe. Say who can see it, and what you know will happen.",
    ),
    DETAILS: (
        "A question about what happened",
        "Do not ask for details. It can upset a child and harm a case. Listen, and ask what they need.",
    ),
    HURTS: ("Words that can hurt", "They can sound like blame, or like a name for the child."),
    QUESTION: (
        "A question that is hard to answer",
        'Ask one plain question at a time, without "not" and without "right?" at its end.',
    ),
    SOFT: ("Soft words for something hard", "They hide what can happen. Say it plainly and kindly."),
    IDIOM: ("Words that do not mean what they say", "Some children take every word as it stands."),
    MAY: (
        'The word "may"',
        'It means two things. Write "might" for what is possible, and "can" for what is allowed.',
    ),
    HARD: ("Hard words for this child", "Use an easier word, or put in what it means from the list of hard words."),
    LETTERS: ("Letters in place of words", "Write the name in full."),
    SHORT: ("Short forms", 'Some children read "can\'t" as "can". Write both words in full.'),
    VAGUE: ("No clear time", "Say when, or say that you do not know yet."),
    LONG: ("A long sentence", "Make it two sentences, with one idea in each."),
    IDEAS: ("Several ideas in one sentence", "Say one thing. Then say the next in a new sentence."),
    NEGATIVES: ('More than one "not" in a sentence', "Say what is true, in place of what is not."),
    WHOLE: ("A long message", "Send it as two shorter messages."),
}
# What no card would say, but somebody who means well may type. Each is looked for in one sentence.
_SECRECY = re.compile(
    r"\b(?:wo(?:n't|nt)|will (?:not|never)|never|not going to|would(?:n't| not| never))\s+(?:ever\s+)?"
    r"(?:tell(?!\s+you\b)|share|repeat|pass (?:it|this|that|on))\b"
    r"|\b(?:between|just)\s+(?:you and me|the two of us|us)\b"
    r"|\bkeep\s+(?:it|this|that|what you (?:say|said|tell me|told me))\s+(?:to (?:myself|ourselves)|private|quiet)\b"
    r"|\b(?:nobody|no one|no-one)\s+(?:else\s+)?(?:can|would|is going to|has to|needs to)\s+"
    r"(?:see|know|find|hear|read)\b"
    r"|\bstays? (?:between|private|with me)\b|\boff the record\b|\bin confidence\b",
    re.I,
)
_OUTCOME = re.compile(
    r"\b(?:you|they|he|she|it|things|everything)(?:'ll| will)\s+(?:all\s+)?(?:be|get|work out)\s+"
    r"(?:ok|okay|fine|all right|alright|safe|better)\b"
    r"|\byou (?:won't|will not)\s+(?:get|be)\s+(?:in|into)\s+trouble\b",
    re.I,
)
_DETAILS = re.compile(
    r"\bwhat (?:exactly )?(?:did (?:he|she|they|you) do\b|was (?:done|said) to you\b)"
    r"|\bwho (?:was it\b|did (?:it|this|that)\b|(?:hurt|hit|touched) you\b)"
    r"|\bwhere (?:did (?:he|she|they|it|this|that)\b|were you when\b|on your body\b)"
    r"|\bwhen did (?:he|she|they|it|this|that)\b|\bhow (?:many times|often) did\b"
    r"|\b(?:describe|walk me through|talk me through)\b"
    r"|\btell me (?:everything|exactly|more\b|what (?:he|she|they|you) did)",
    re.I,
)
_BLAME = re.compile(r"\bwhy did you\b", re.I)
_FOUND_HERE: tuple[tuple[int, re.Pattern[str]], ...] = (
    (PROMISE, _SECRECY),
    (PROMISE, _OUTCOME),
    (DETAILS, _DETAILS),
    (HURTS, _BLAME),
)
# "I cannot promise" and "you do not have to say what happened" are what a good advocate writes.
_CANNOT = re.compile(r"\b(?:cannot|can not|can't|cant|unable to|not able to|(?:nobody|no one|no-one) can)\b", re.I)
_NEED_NOT = re.compile(r"\b(?:not|never|no need|don't|needn't)\b", re.I)
_EXCUSED: Mapping[int, re.Pattern[str]] = {PROMISE: _CANNOT, DETAILS: _NEED_NOT}
_IN_QUOTES = re.compile(r'^"([^"]+)"')
_BY_PHRASE = frozenset({PROMISE, DETAILS, HURTS, IDIOM, VAGUE, SHORT, SOFT, _VERB_IDIOM, _OTHER_NAME})
_FULL_FORMS = {"won't": "will not", "can't": "cannot", "shan't": "shall not", "let's": "let us"}
_ENDINGS = {"n't": " not", "'ve": " have", "'ll": " will", "'re": " are", "'m": " am", "'s": " is", "'d": " would"}


def advise(draft: str, level: Level, glossary: Glossary, names: Collection[str] = ()) -> tuple[Advice, ...]:
    """What to think about before this is sent to a child who reads at a level: at most MOST, the worst first.

    `names` are words that are no hard words here, such as those of the child's, the advocate's and the police's names.
    No sentence of the draft stays in memory.
    """
    known = {word.lower() for name in names for word in name.split()}
    try:
        found = _found(draft.replace("’", "'"), level, glossary, known)
    finally:
        forget()
    given = (Advice(rule, *says, tuple(found[rule][:_QUOTES])) for rule, says in _SAYS.items() if rule in found)
    return tuple(islice(given, MOST))


def _found(draft: str, level: Level, glossary: Glossary, names: Collection[str]) -> Mapping[int, list[Quote]]:
    found: dict[int, dict[str, Quote]] = {}
    for finding in [*_of_message(draft), *read(Answer(level, "", "", (draft,)), glossary)]:
        rule = _heading(finding)
        if rule in _SAYS and not _excused(finding, draft, names):
            quote = _quote(finding)
            # Another name for one of our words comes with ours, so it goes before the bare hard word.
            known = found.setdefault(rule, {}).get(quote.text.lower())
            found[rule][quote.text.lower()] = known if known and known.instead else quote
    return {rule: _apart(list(quotes.values())) for rule, quotes in found.items()}


def _heading(finding: Finding) -> int:
    """The rule under which advice is given: two of them say the same to an advocate as others do."""
    if finding.rule == _VERB_IDIOM:
        return NEGATIVES if _narrows(finding) else IDIOM
    return HARD if finding.rule == _OTHER_NAME else finding.rule


def _narrows(finding: Finding) -> bool:
    """True for "only" and "except", which are counted with the negatives."""
    phrase = _IN_QUOTES.match(finding.problem)
    return finding.rule == _VERB_IDIOM and phrase is not None and phrase[1].lower() in rulebook().words["limiting"]


def _apart(quotes: list[Quote]) -> list[Quote]:
    """Without those that stand inside another; first what somebody knows a better word for."""
    apart = [
        one for one in quotes if not any(one != other and one.text.lower() in other.text.lower() for other in quotes)
    ]
    return sorted(apart, key=lambda quote: not quote.instead)


def _of_message(draft: str) -> Iterator[Finding]:
    for text in sentences(draft):
        for rule, pattern in _FOUND_HERE:
            if hit := pattern.search(text):
                yield Finding(rule, "warning", text, f'"{hit[0]}"', "")


def _excused(finding: Finding, draft: str, names: Collection[str]) -> bool:
    if finding.rule == HARD:
        return finding.text in names or _is_name(finding.text, draft)
    if finding.rule == WHOLE:
        # Three short sentences are no burden in a message.
        return "sentences" in finding.problem
    excuse, phrase = _EXCUSED.get(finding.rule), _IN_QUOTES.match(finding.problem)
    if excuse is None or phrase is None:
        return False
    before = finding.text[: finding.text.lower().find(phrase[1].lower()) + 1]
    return bool(excuse.search(before))


def _is_name(word: str, draft: str) -> bool:
    """True when a word always has a capital, and not because it begins a sentence."""
    written = re.findall(rf"(?:(?<=[a-z,;:] )|(?<=\d ))({re.escape(word)})\b", draft, re.I)
    return bool(written) and all(one[0].isupper() for one in written)


def _quote(finding: Finding) -> Quote:
    phrase = _IN_QUOTES.match(finding.problem)
    if finding.rule in _BY_PHRASE and phrase and not _narrows(finding):
        return Quote(phrase[1], _instead(finding, phrase[1]))
    if finding.rule == HARD:
        return Quote(finding.text, _kinder().get(finding.text, ""))
    return Quote(finding.text if finding.rule == LETTERS else _beginning(finding.text))


def _instead(finding: Finding, phrase: str) -> str:
    if finding.rule == SHORT:
        return _in_full(phrase)
    if finding.rule == _OTHER_NAME:
        return finding.suggestion.removeprefix('say "').removesuffix('"')
    # In brackets stands what to do, for editors of cards; `why` says it here.
    return "" if finding.suggestion.startswith("(") else finding.suggestion


def _in_full(short: str) -> str:
    low = short.lower()
    ending = next((ending for ending in _ENDINGS if low.endswith(ending)), "")
    return _FULL_FORMS.get(low) or (short[: -len(ending)] + _ENDINGS[ending] if ending else "")


def _beginning(text: str) -> str:
    said = text.split()
    return " ".join(said[:_QUOTED_WORDS]) + (" ..." if len(said) > _QUOTED_WORDS else "")


@lru_cache(maxsize=1)
def _kinder() -> Mapping[str, str]:
    raw: dict[str, str] = read_yaml(KINDER.read_text("utf-8"))
    return {word: "" if kinder.startswith("(") else kinder for word, kinder in raw.items()}
