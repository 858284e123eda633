"""Rules on words: common, explained, expanded, never on a forbidden list (5-9, 14, 16, 17, 29-31, 39, 44, 45, 47)."""

import re
from collections.abc import Iterator

import textstat

from accessibility.language import is_common, lemmas, sentences, words, zipf
from accessibility.markup import EVERYDAY, plain
from accessibility.rule_finding import Answer, Finding
from accessibility.rulebook import rulebook
from accessibility.terms import Terms

_ACRONYM = re.compile(r"\b[A-Z]{2,6}s?\b")
_HOW_OFTEN = re.compile(r"\bhow often\b", re.I)
_SECRET = re.compile(r"\bsecrets?\b", re.I)
_NO_SECRET = re.compile(r"\bnot (?:a |be )*secret", re.I)
# Flesch-Kincaid swings wildly below this length, so shorter answers are not graded.
_FEWEST_WORDS_TO_GRADE = 30
# The month, and words between quotation marks, which are somebody's own.
_MAY = re.compile(r"\bmay\b|(?:^|(?<=[.?!:] ))May\b(?! \d)")
_QUOTED = re.compile(r'"[^"\n]*"|“[^”\n]*”')


def grade(answer: Answer, terms: Terms) -> Iterator[Finding]:
    """Rules 5 and 6: Flesch-Kincaid grade with glossary words neutral, and raw. Advice only."""
    text = plain(answer.body)
    if len(words(text)) < _FEWEST_WORDS_TO_GRADE:
        return
    raw = _ended(text)
    for name, body in (("grade_adjusted", terms.without(raw, "thing")), ("grade_raw", raw)):
        limit, figure = rulebook().limits[name], textstat.flesch_kincaid_grade(body)
        if figure > limit.figures[answer.level]:
            problem = f"reading grade {figure:.1f}; at most {limit.figures[answer.level]:g}"
            yield limit.finding(answer.level, "", problem, "shorter sentences and shorter words")


def _ended(text: str) -> str:
    """The sentences of a text, each with its full stop, so that list items do not run into one."""
    return " ".join(said if said[-1] in ".?!" else f"{said.rstrip(':')}." for said in sentences(text))


def _names(word: str) -> bool:
    return word[0].isdigit() or not lemmas(word).isdisjoint(rulebook().words["known"])


def _unfit(word: str) -> bool:
    return word.lower() in rulebook().words["unfit"]


def common(answer: Answer, terms: Terms) -> Iterator[Finding]:
    """Rules 7 and 8: most words are among the commonest, and each rare word is in the glossary."""
    book, level = rulebook(), answer.level
    share, size, rare = book.limits["common_share"], book.limits["common_list"], book.limits["word_zipf"]
    rest = [
        word
        for text in [*answer.own_bubbles, answer.question, answer.button]
        for word in words(terms.without(plain(text)))
    ]
    ours = [word for word in rest if not _names(word)]
    hard = sorted({word.lower() for word in ours if _unfit(word) or not is_common(word, int(size.figures[level]))})
    count = sum(1 for word in ours if word.lower() in hard)
    if rest and 100 * (len(rest) - count) / len(rest) < share.figures[level]:
        problem = f"only {100 * (len(rest) - count) / len(rest):.0f} in 100 words are common"
        yield share.finding(level, ", ".join(hard), problem, "use everyday words for some of these")
    for word in sorted({word.lower() for word in ours if _unfit(word) or zipf(word) < rare.figures[level]}):
        problem = f'"{word}" is a hard word (Zipf {zipf(word):.2f}; at least {rare.figures[level]})'
        yield rare.finding(level, word, problem, "use an easier word, or add it to the glossary")


def senses(answer: Answer, terms: Terms) -> Iterator[Finding]:
    """Rule 9: a word with a legal sense is in the glossary, or marked as everyday."""
    limit, homographs = rulebook().limits["homographs"], rulebook().words["homographs"]
    for text in sentences(answer.body):
        bare = terms.without(EVERYDAY.sub(" ", text))
        for word in words(bare):
            if not lemmas(word).isdisjoint(homographs):
                yield limit.finding(
                    answer.level,
                    text,
                    f'"{word}" has a legal meaning too',
                    "explain it in the glossary, or mark it [so]{everyday}",
                )


def acronyms(answer: Answer, terms: Terms) -> Iterator[Finding]:
    """Rule 17: letters are spelled out where they first stand; at easy level only the best known stand."""
    limit, allowed = rulebook().limits["acronyms"], rulebook().words["acronyms"]
    text = plain("\n".join([answer.question, answer.body]))
    for hit in sorted({match.removesuffix("s") for match in _ACRONYM.findall(text)}):
        first = re.search(rf"\b{hit}s?\b", text)
        opened = first and re.search(r"\w \($", text[: first.start()])
        spelled = opened or hit.lower() in terms.ids
        if hit not in allowed and (answer.level == "easy" or not spelled):
            yield limit.finding(answer.level, hit, f"{hit} is not spelled out", "say it in words")


def phrases(answer: Answer) -> Iterator[Finding]:
    """Rules 14, 16, 29-31, 44, 45: idioms, vague times, hurtful words, promises, asking for details, soft words."""
    book = rulebook()
    texts = [*sentences(plain(answer.body)), answer.question]
    for name in ("idioms", "vague", "sensitive", "promises", "details", "euphemisms", "verb_idioms"):
        listed = book.phrases[name]
        for text in texts:
            for phrase in listed.said(_HOW_OFTEN.sub(" ", text.replace("’", "'"))):
                yield book.limits[name].finding(answer.level, text, f'"{phrase}"', listed[phrase])
    yield from _secrets(answer)


def chance_or_leave(answer: Answer) -> Iterator[Finding]:
    """Rule 39: never "may", which says both that something is possible and that it is allowed."""
    limit = rulebook().limits["may"]
    for text in [*sentences(plain(answer.body)), answer.question, answer.button]:
        if _MAY.search(_QUOTED.sub(" ", text)):
            suggestion = (
                'say "might" for what is possible, "can" for what is allowed, "must not" for what is forbidden, '
                '"does not have to" for what is free'
            )
            yield limit.finding(answer.level, text, '"may" is both chance and permission', suggestion)


def other_senses(answer: Answer, terms: Terms) -> Iterator[Finding]:
    """Rule 47: a phrase in which a glossary word means something else is not explained as that word."""
    limit, listed = rulebook().limits["other_senses"], rulebook().phrases["other_senses"]
    for text in sentences(EVERYDAY.sub(" ", answer.body)):
        for phrase in listed.said(text):
            word = listed[phrase]
            # The glossary's own phrase is longer than the word, so the word is then not found in it.
            if word in terms.within(text) and word not in terms.within(
                re.sub(re.escape(phrase), " ", text, flags=re.I)
            ):
                yield limit.finding(
                    answer.level,
                    text,
                    f'"{word}" of "{phrase}" is not the "{word}" of the glossary',
                    f'add "{phrase}" to `everyday` of that word in the glossary, or mark it [{phrase}]{{everyday}}',
                )


def _secrets(answer: Answer) -> Iterator[Finding]:
    # "It is not a secret" is honest; any other "secret" may be heard as a promise.
    for text in sentences(plain(answer.body)):
        if _SECRET.search(text) and not _NO_SECRET.search(text):
            yield (
                rulebook()
                .limits["promises"]
                .finding(answer.level, text, '"secret" sounds like a promise', "say who can see it")
            )
