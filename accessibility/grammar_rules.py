"""Rules on whole sentences: subject and verb, "the police", and whom or what a verb is about (40, 41)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from lemminflect import getAllLemmas, getInflection

from accessibility.answer_rules import is_bare_answer
from accessibility.language import sentences
from accessibility.markup import plain
from accessibility.rule_finding import Answer, Finding
from accessibility.rulebook import rulebook

_TOKEN = re.compile(r"[A-Za-z0-9½]+(?:['’-][A-Za-z]+)*|[.,;:?!()]")
_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s+")
_SHORT_VERB = re.compile(r".+(?:n['’]t|['’](?:s|re|ll|ve|m|d))$", re.I)
_OPENS_A_CLAUSE = re.compile(
    r"^(?:(?:but|and|so|only|also|even)\s+)*(?:if|when|because|unless|until|although|though|while|which|whereas)\b",
    re.I,
)
_SAID_IN_FULL = re.compile(r"^(?:hello|hi|thanks|sorry|well done|goodbye|bye|please)\b", re.I)
_NO_SUBJECT = re.compile(
    r"^(?:(?:but|and|then)\s+)?(?:can|cannot|must|might|may|will|would|should|could|is|are|was|were|does|did|has|had)"
    r"\b[^?]*$",
    re.I,
)
_STUMPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(?:(?:but|and)\s+)?(?:under|over|aged)\s+\d+,", re.I), 'say "If you are under 18, ..."'),
    (
        re.compile(r"\b(?:a|your|their|his|her|my|our|without)\s+(?:own\s+|clear\s+)?yes\b", re.I),
        'say who agrees: "if you agree", "if you say yes"',
    ),
    (
        re.compile(r"\b(?:a|your|their)\s+no\b(?!\s+comment)", re.I),
        'say who refuses: "if you say no", "if they say no"',
    ),
    (re.compile(r"\b(?:each|every)\s+look\b", re.I), 'say "each time someone looks at it"'),
)
_POLICE = re.compile(r"(?:(\S+)\s+)?\b(?<!-)(police)\b(?!['’-]\w)(?:\s+([A-Za-z]+))?", re.I)


def whole_sentences(answer: Answer) -> Iterator[Finding]:
    """Rule 40: at simple and easy level each sentence has a subject and a verb, and says "the police"."""
    limit, level = rulebook().limits["whole_sentences"], answer.level
    if not limit.figures[level]:
        return
    lines = [line for bubble in answer.own_bubbles for line in plain(bubble).splitlines()]
    for text in [text for line in lines for text in sentences(line)] + [answer.question]:
        for stump, way in _stumps(text):
            yield limit.finding(level, text, f'"{stump}" is no whole sentence', way)
        if bare := bare_police(text):
            yield limit.finding(level, text, f'"{bare}" lacks "the"', 'say "the police"')
    for text in [text for line in lines if not _ITEM.match(line) for text in sentences(line)]:
        if is_fragment(text):
            yield limit.finding(
                level, text, "no whole sentence", 'give it a subject and a verb: "You can ...", "If ..., you can ..."'
            )


def _stumps(text: str) -> Iterator[tuple[str, str]]:
    for pattern, way in _STUMPS:
        if hit := pattern.search(text):
            yield hit[0], way


def bare_police(text: str) -> str | None:
    """ "Police" where "the police" is meant, with the word before and after it, or None."""
    for hit in _POLICE.finditer(text):
        before, after = (hit[1] or "").strip("\"“'(*").lower(), (hit[3] or "").lower()
        named = (
            hit[2][0].isupper()
            and hit[1] is not None
            and hit[1][0].isupper()
            and before not in rulebook().words["joining"]
        )
        opened = before in rulebook().words["before_police"] or before.endswith(("ly", "'s", "’s")) or named
        if not opened and after not in rulebook().words["police_things"]:
            return " ".join(filter(None, (hit[1], hit[2], hit[3])))
    return None


def is_fragment(sentence: str) -> bool:
    """True for words that have no subject and finite verb of their own: "Not police.", "If they search you." """
    text = sentence.strip()
    if text.endswith(("?", ":")) or is_bare_answer(text) or _SAID_IN_FULL.match(text):
        return False
    tokens = _TOKEN.findall(text)
    if not any(token.isalpha() for token in tokens):
        return False
    if _OPENS_A_CLAUSE.match(text):
        return not _has_main_clause(tokens)
    return bool(_NO_SUBJECT.match(text)) or not (_is_order(tokens) or _finite(tokens))


def _has_main_clause(tokens: list[str]) -> bool:
    """Whether something follows the clause of "if" or "when"."""
    if "," in tokens:
        parts = " ".join(tokens).split(" , ")
        return any(_finite(part.split()) or _is_order(part.split()) for part in parts[1:])
    return len(_finite(tokens)) > 1


def _is_order(tokens: list[str]) -> bool:
    """True for "Ask the police", "Then call us": the subject is whoever reads."""
    left = [token.lower() for token in tokens if token[0].isalpha()]
    while left and left[0] in (
        "then",
        "please",
        "also",
        "first",
        "and",
        "or",
        "but",
        "so",
        "always",
        "never",
        "just",
        "now",
    ):
        left = left[1:]
    return bool(left) and (left[0] in ("do", "be", "have", "let") or _kinds(left[0]) >= {"base"})


def _finite(tokens: list[str]) -> list[str]:
    """The words of a sentence that may be its finite verbs."""
    low = [token.lower() for token in tokens]
    return [
        word
        for before, word in zip(["", *low], low, strict=False)
        if word in rulebook().words["auxiliaries"]
        or _SHORT_VERB.match(word)
        or (
            before not in rulebook().words["before_nouns"]
            and not before.isdigit()
            and _kinds(word) & {"base", "s", "past"}
        )
    ]


@lru_cache(maxsize=20_000)
def _kinds(word: str) -> frozenset[str]:
    """Which finite forms of a verb a word may be: its plain form, that in -s, its past."""
    lemmas = getAllLemmas(word).get("VERB", ())
    found = {"base" for lemma in lemmas if word == lemma}
    found |= {"s" for lemma in lemmas if word in getInflection(lemma, tag="VBZ")}
    return frozenset(found | {"past" for lemma in lemmas if word in getInflection(lemma, tag="VBD")})


_FORMS = {
    "tell": "tell", "tells": "tell", "telling": "tell",
    "ask": "ask", "asks": "ask", "asking": "ask",
    "say": "say", "says": "say",
    "look": "look", "looks": "look",
    "share": "share", "shares": "share", "sharing": "share",
    "check": "check", "checks": "check",
}  # fmt: skip
_KINDER = {
    "tell": 'say whom: "tell a teacher"',
    "ask": 'say whom or for what: "ask the police", "ask for it"',
    "say": 'say what: "say so", "say what you want"',
    "look": 'say at what: "look at your phone"',
    "share": 'say what: "share your name"',
    "check": 'say what: "check your record"',
}
# Nouns as well, so that these count as verbs only after who does it.
_NOUNS_TOO = frozenset({"look", "share", "check"})
_ENDS = frozenset([".", "!", "?", ",", ";", ")"])


def objects(answer: Answer) -> Iterator[Finding]:
    """Rule 41: tell, ask, say, look, share and check have what or whom they are about."""
    limit, level = rulebook().limits["objects"], answer.level
    for text in [*sentences(plain(answer.body)), answer.question]:
        for verb in without_object(text):
            yield limit.finding(level, text, f'"{verb}" lacks what or whom', _KINDER[_FORMS[verb]])


def without_object(sentence: str) -> list[str]:
    """The verbs of a sentence that say neither what nor whom."""
    tokens = [token.lower() for token in _TOKEN.findall(sentence)]
    return [
        token
        for at, token in enumerate(tokens)
        if token in _FORMS and _used_as_verb(tokens, at) and _ends_here(tokens, at) and not _object_before(tokens, at)
    ]


def _used_as_verb(tokens: list[str], at: int) -> bool:
    before = tokens[at - 1] if at else ""
    if before in rulebook().words["makes_nouns"]:
        return False
    if _FORMS[tokens[at]] not in _NOUNS_TOO:
        return True
    return not before or before in rulebook().words["doers"] or before in rulebook().words["modals"] or before in _ENDS


def _ends_here(tokens: list[str], at: int) -> bool:
    rest = [token for token in tokens[at + 1 :] if token not in rulebook().words["between"]]
    if not rest or rest[0] in _ENDS:
        return True
    # "Ask or tell a teacher": both have the teacher.
    shared = rest[0] in ("and", "or") and len(rest) > 1 and (rest[1] in _FORMS or rest[1] in ("show", "keep", "use"))
    return rest[0] in rulebook().words[f"after_{_FORMS[tokens[at]]}"] and not shared


def _object_before(tokens: list[str], at: int) -> bool:
    """True for "what you can say" and "the person you tell": the object comes first."""
    clause = tokens[max(0, at - 6) : at]
    for place, one in enumerate(reversed(clause)):
        if one in _ENDS or one == ":":
            clause = clause[len(clause) - place :]
            break
    if not rulebook().words["objects_before"].isdisjoint(clause):
        return True
    subject = next(
        (place for place in range(len(clause) - 1, -1, -1) if clause[place] in rulebook().words["pronouns"]), 0
    )
    before = clause[subject - 1] if subject else ""
    joined = (
        before in rulebook().words["joining"]
        or before in rulebook().words["auxiliaries"]
        or before in rulebook().words["between"]
        or before.endswith("ly")
    )
    return bool(before) and not joined
