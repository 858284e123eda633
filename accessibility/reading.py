"""Reads an answer as a child would have to, and lists everything that stands in the way."""

from accessibility import sentence_rules, shape_rules, word_rules
from accessibility.finding import Answer, Finding, Glossary

_SENTENCE_RULES = (
    sentence_rules.length,
    sentence_rules.ideas,
    sentence_rules.forms,
    sentence_rules.marks,
    sentence_rules.questions,
)
_WORD_RULES = (word_rules.grade, word_rules.common, word_rules.senses, word_rules.acronyms)
_SHAPE_RULES = (shape_rules.bubbles, shape_rules.lists, shape_rules.button, shape_rules.quoted_law)


def read(answer: Answer, glossary: Glossary) -> list[Finding]:
    """Every Finding on an answer, in rule order. `glossary` holds the words explained at this level."""
    found = [finding for rule in (*_SENTENCE_RULES, word_rules.phrases, *_SHAPE_RULES) for finding in rule(answer)]
    found += [finding for rule in _WORD_RULES for finding in rule(answer, glossary)]
    return sorted(set(found), key=lambda finding: (finding.rule, finding.text))
