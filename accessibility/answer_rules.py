"""Rules on how an answer opens: it answers first, each bubble stands alone, and no help begins coldly (37, 38, 44)."""

import re
from collections.abc import Iterator

from lemminflect import getAllLemmas

from accessibility.language import sentences, words
from accessibility.markup import plain
from accessibility.rule_finding import Answer, Finding
from accessibility.rulebook import rulebook

# "If I am 16, can I ask?" asks what comes after the comma.
_LEAD = re.compile(r"^(?:(?:and|but|so|then)\s+|(?:if|when|once|after|before)\b[^,?]*,\s*)", re.I)
_ASKER = re.compile(r"\b(?:I|me|my|mine|we|us|our)\b", re.I)
_BARE = re.compile(
    r"^(?:yes|no|usually|sometimes|not always|not usually|it depends)(?:,? (?:yes|no|not|usually))?[.!]?$", re.I
)
_OPENS_WITH_ANSWER = re.compile(r"^(?:yes|no(?![- ]one)|usually|sometimes|not always|not usually|it depends)\b", re.I)
_WHO_DECIDES = re.compile(
    r"^(?:[\w'’-]+\s+){1,8}?(?:(?:can|must|will|might|should|usually)\s+)*(?:decides?|chooses?)\b", re.I
)
_POINTS = re.compile(r"^(?:(?:but|and|so|then)\s+)?(it|they|this|that|these)\b\s*(.*)$", re.I | re.S)
# "It is not your fault" and "It is hard to talk" point at nothing that came before.
_POINTS_AT_NOTHING = re.compile(
    r"^it (?:depends\b|(?:can|might|may) help\b|(?:is|was|can be|might be)\s+(?:not |never |always |also )*"
    r"(?:your (?:fault|choice|right|decision)|up to you|ok\b|okay|all right|normal"
    r"|(?:[\w'’-]+\s+){1,4}(?:to|that|if|when)\b))",
    re.I,
)
_CONDITION_ALONE = re.compile(
    r"^(?:(?:but|and)\s+)?(?:only (?:if|when|for)\b(?![^.]*,)"
    r"|(?:this|that|it|the rule|the law) is (?:(?:only|just) (?:for|if|when)\b|for an? |if\b))",
    re.I,
)


def asks_yes_or_no(question: str) -> bool:
    """True when the first question of a heading opens with a verb, as in "I was filmed. Can I see it?".

    What we ask a reader ("Did you mean one of these?") is for them to answer.
    """
    asked = next((text for text in sentences(plain(question)) if text.endswith("?")), "")
    first = words(_LEAD.sub("", asked))[:1]
    ours = re.match(r"\w+ you\b", asked, re.I) and not _ASKER.search(asked)
    return not ours and bool(first) and first[0].lower() in rulebook().words["yes_no_verbs"]


def is_bare_answer(sentence: str) -> bool:
    """True for "Yes.", "Usually no." and the like: an answer that the next sentence says in full."""
    return bool(_BARE.match(sentence))


def answers_first(answer: Answer) -> Iterator[Finding]:
    """Rule 37: the first bubble answers a question of yes or no, in a whole sentence."""
    limit, level = rulebook().limits["answer_first"], answer.level
    if not answer.own_bubbles or not asks_yes_or_no(answer.question):
        return
    said = sentences(plain(answer.own_bubbles[0]))
    if not said or not (_OPENS_WITH_ANSWER.match(said[0]) or _WHO_DECIDES.match(said[0])):
        yield limit.finding(
            level,
            said[0] if said else answer.question,
            f'the first bubble does not answer "{answer.question}"',
            "open with Yes, No, Usually, Sometimes, Not always, It depends, or who decides: "
            '"Usually no. An officer usually writes down what you say."',
        )
    elif all(map(is_bare_answer, said)):
        yield limit.finding(
            level, said[0], "the answer is no whole sentence", 'go on: "Yes. The police can see your record."'
        )


def stands_alone(answer: Answer) -> Iterator[Finding]:
    """Rule 38: no bubble opens with it, they, this, that or these, and a right stands beside its condition."""
    limit, level = rulebook().limits["stands_alone"], answer.level
    for bubble in answer.own_bubbles:
        said = sentences(plain(bubble))
        if said and (word := _pointer(said[0])):
            problem = f'a bubble opens with "{word}", which names nothing'
            yield limit.finding(level, said[0], problem, 'say the noun again: "Your record can ..."')
        for text in said:
            if _CONDITION_ALONE.match(text):
                yield limit.finding(
                    level,
                    text,
                    "a condition stands apart from what it is about",
                    'put both in one sentence: "If they search you, you do not have to give your name."',
                )


def _pointer(sentence: str) -> str | None:
    """The word that points at something in an earlier bubble, or None. "These people" and "This chat" name it."""
    found = _POINTS.match(sentence)
    if found is None or _POINTS_AT_NOTHING.match(sentence):
        return None
    pointer, rest = found[1].lower(), words(found[2])
    if pointer in ("it", "they") or not rest:
        return found[1]
    return found[1] if _is_verb(rest[0].lower(), plural=pointer == "these") else None


def _is_verb(word: str, plural: bool) -> bool:
    """Whether what follows this, that or these is their verb: a noun after them has their number, a verb the other."""
    if word in (rulebook().words["plural_verbs"] if plural else rulebook().words["singular_verbs"]):
        return True
    kinds = getAllLemmas(word)
    ends_as_verb = word.endswith("s") != plural and not word.endswith("ss")
    return "VERB" in kinds and (ends_as_verb if not plural else "NOUN" not in kinds)


def kind_opening(answer: Answer) -> Iterator[Finding]:
    """Rule 44: words of help do not begin with what cannot be done."""
    limit, level, listed = rulebook().limits["cold_opens"], answer.level, rulebook().phrases["cold_opens"]
    first = next(iter(sentences(plain(answer.body))), "").replace("’", "'") if answer.help else ""
    for opening in listed:
        if re.match(rf"{re.escape(opening)}\b", first, re.I):
            yield limit.finding(level, first, f'"{opening}" is a cold way to begin', listed[opening])
