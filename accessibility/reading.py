"""Reads an answer as a child would have to, and lists everything that stands in the way."""

from accessibility import (
    answer_rules,
    grammar_rules,
    number_rules,
    sentence_rules,
    shape_rules,
    term_rules,
    voice_rules,
    word_rules,
)
from accessibility.rule_finding import Answer, Finding, Glossary
from accessibility.terms import Terms

_SENTENCE_RULES = (
    sentence_rules.length,
    sentence_rules.ideas,
    sentence_rules.contractions,
    sentence_rules.marks,
    sentence_rules.questions,
)
_NUMBER_RULES = (number_rules.digits, number_rules.meaning, number_rules.side_by_side)
_VOICE_RULES = (voice_rules.active, voice_rules.pronouns, voice_rules.actors)
_TERM_RULES = (word_rules.phrases, word_rules.chance_or_leave, term_rules.one_term, term_rules.speakable)
_GLOSSARY_RULES = (
    word_rules.grade,
    word_rules.common,
    word_rules.senses,
    word_rules.acronyms,
    term_rules.explained,
    voice_rules.heavy_nouns,
    word_rules.other_senses,
)
_ANSWER_RULES = (
    answer_rules.answers_first,
    answer_rules.stands_alone,
    answer_rules.kind_opening,
    grammar_rules.whole_sentences,
    grammar_rules.objects,
)
_SHAPE_RULES = (
    shape_rules.bubbles,
    shape_rules.lists,
    shape_rules.button,
    shape_rules.quoted_law,
    shape_rules.pictures,
)


def read(answer: Answer, glossary: Glossary) -> list[Finding]:
    """Every Finding on an answer, in rule order. `glossary` holds the words explained at this level."""
    alone = (*_SENTENCE_RULES, *_NUMBER_RULES, *_VOICE_RULES, *_TERM_RULES, *_ANSWER_RULES, *_SHAPE_RULES)
    found = [finding for rule in alone for finding in rule(answer)]
    terms = Terms(glossary)
    found += [finding for rule in _GLOSSARY_RULES for finding in rule(answer, terms)]
    return sorted(set(found), key=lambda finding: (finding.rule, finding.text, finding.problem))
