"""Every reading rule has a text that must fail it and one that must pass; rules on more than text are tested apart."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from accessibility.language import sentences, words
from accessibility.reading import read
from accessibility.rule_finding import LEVELS, Answer, Level
from accessibility.rulebook import rulebook
from accessibility.shape_rules import choices
from accessibility.speech import aloud, unspeakable
from accessibility.term_rules import hard_words
from accessibility.terms import Terms
from accessibility.yaml_text import read_yaml

TESTS = Path(__file__).parent
CASES: list[dict[str, Any]] = read_yaml((TESTS / "reading_rules.yml").read_text("utf-8"))
ADVICE = {2, 5, 6, 7, 22, 25, 26, 27}
"""The rules that advise at every level; every other one blocks at easy level."""


RULES = set(range(1, 48))


def broken(
    text: str | list[str], level: Level, glossary: list[str] | None = None, question: str = "Who can see it?"
) -> set[int]:
    bubbles = (text,) if isinstance(text, str) else tuple(text)
    answer = Answer(level, question, "See it", bubbles)
    return {finding.rule for finding in read(answer, {word: word for word in glossary or ()})}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"rule-{case['rule']}-{case['level']}")
def test_a_rule_tells_good_from_bad(case: dict[str, Any]) -> None:
    around = (case.get("words"), case.get("question", "Who can see it?"))
    assert case["rule"] in broken(case["fails"], case["level"], *around)
    assert case["rule"] not in broken(case["passes"], case["level"], *around)


@pytest.mark.parametrize("label", ["", "See what the police have about you now", "See it.", "see it", "See My Record"])
def test_rule_24_buttons(label: str) -> None:
    assert 24 in {found.rule for found in read(Answer("easy", "Who can see it?", label, ("You can see it.",)), {})}


def test_rule_24_a_good_button() -> None:
    assert not {found.rule for found in read(Answer("easy", "Who can see it?", "See it", ("You can see it.",)), {})}


def test_rule_33_quoted_law_is_exempt_but_must_be_explained() -> None:
    law = (
        "You do not have to say anything. But it may harm your defence if you do not mention when questioned something."
    )
    explained = Answer("easy", "What is it?", "The words", (law, "You can say nothing."), frozenset({0}))
    alone = Answer("easy", "What is it?", "The words", (law,), frozenset({0}))
    assert not read(explained, {})
    assert 33 in {found.rule for found in read(alone, {})}


def test_rule_33_two_quotes_do_not_explain_each_other() -> None:
    law = ("Anything you do say may be given in evidence.", "You may consult a lawyer.", "You can ask for help.")
    both = Answer("standard", "What is it?", "The words", law, frozenset({0, 1}))
    assert [found.text for found in read(both, {}) if found.rule == 33] == [law[0]]


@pytest.mark.parametrize("rule", [4, 11, 29])
def test_quoted_law_keeps_its_own_terms(rule: int) -> None:
    law = "The offender is told that he may consult a lawyer."
    quoted = Answer("easy", "What is it?", "The words", (law, "You can ask for help."), frozenset({0}))
    assert rule in broken(law, "easy")
    assert rule not in {found.rule for found in read(quoted, {})}


@pytest.mark.parametrize("level", ["standard", "simple"])
def test_rule_15_only_easy_words_need_a_second_unit(level: Level) -> None:
    assert 15 not in broken("The police can keep you for 96 hours.", level)


@pytest.mark.parametrize(
    "time", ["24 hours", "31 days", "8 weeks", "3 months", "12 months", "5½ years", "2 more months"]
)
def test_rule_15_a_time_that_can_be_pictured_stands_alone(time: str) -> None:
    assert 15 not in broken(f"They keep it for {time}.", "easy")


@pytest.mark.parametrize("time", ["25 hours", "32 days", "9 weeks", "13 months", "1 month", "1 Month"])
def test_rule_15_a_time_that_cannot_does_not(time: str) -> None:
    assert 15 in broken(f"They keep it for {time}.", "easy")


TERMS = {
    "youth caution": "youth-caution",
    "youth cautions": "youth-caution",
    "caution": "caution",
    "bail": "bail",
    "custody": "custody",
    "warrant": "warrant",
    "parent": "parent",
}


def crowded(level: Level, *bubbles: str) -> list[str]:
    return [found.text for found in read(Answer(level, "What is it?", "See it", bubbles), TERMS) if found.rule == 10]


def test_rule_10_few_new_hard_words_at_once() -> None:
    three = "You may have bail, a caution or a warrant."
    assert crowded("easy", three) == crowded("simple", three) == ["bail, caution, warrant"]
    assert crowded("standard", three) == []
    assert crowded("standard", "You may have bail, a caution, custody or a warrant.")
    assert crowded("easy", "You may have bail or a caution.") == []


def test_rule_10_a_word_is_new_only_in_its_first_bubble() -> None:
    assert crowded("easy", "You may have bail.", "You may have bail, a caution or a warrant.") == []
    assert crowded("easy", "You may have bail, a caution or a warrant.", "You may have bail.") == [
        "bail, caution, warrant"
    ]


@pytest.mark.parametrize("says", ["Bail means you can go home.", "This means you can go home.", "It is a rule."])
def test_rule_10_the_next_sentence_may_explain(says: str) -> None:
    assert crowded("easy", f"You may have a caution, a warrant or bail. {says}") == []
    assert crowded("easy", f"You may have a caution, a warrant or bail. You can ask. {says}") != []


def test_rule_10_the_longest_phrase_counts_once_and_easy_words_never() -> None:
    text = "A youth caution is a youth caution. Your **parent** is there. Youth cautions end."
    assert hard_words(text, Terms(TERMS), 4.5) == ["youth caution", "youth cautions"]
    assert crowded("easy", text) == []


WHO = ("me", "us", "him", "her", "them")
LOCAL = Answer("easy", "Who can see it?", "See it", tuple(f"You can ask {who}." for who in WHO))


@pytest.mark.parametrize(("local", "more", "fits"), [({5}, 1, True), (set(), 1, False), ({4, 5}, 2, False)])
def test_rule_21_one_bubble_of_the_childs_own_police_is_free(local: set[int], more: int, fits: bool) -> None:
    bubbles = (*LOCAL.bubbles, *["Your police say so."] * more)
    found = read(Answer("easy", LOCAL.question, LOCAL.button, bubbles, local=frozenset(local)), {})
    assert (21 not in {one.rule for one in found}) is fits


@pytest.mark.parametrize(("level", "most"), [("standard", 5), ("simple", 4), ("easy", 3)])
def test_rule_23_choices_with_something_else_counted(level: Level, most: int) -> None:
    labels = [*(f"See {number}" for number in range(1, most)), "Something else"]
    assert list(choices(labels, level)) == []
    (found,) = choices(["See it", *labels], level)
    assert (found.rule, found.severity) == (23, "error")


def test_rule_24_a_button_is_the_whole_question_up_to_15_words() -> None:
    for count, fits in ((15, True), (16, False)):
        question = " ".join(["Can I see", *["it"] * (count - 3)]) + "?"
        found = read(Answer("easy", question, question, ("Yes. You can see it.",)), {})
        assert (24 not in {one.rule for one in found}) is fits


@pytest.mark.parametrize("first", ["I cannot keep you safe.", "Sorry, I do not know.", "I can’t say."])
def test_rule_44_no_help_begins_coldly(first: str) -> None:
    for helps in (True, False):
        answer = Answer("easy", "Who can help?", "Help", (f"{first} A person can.",), help=helps)
        assert (44 in {one.rule for one in read(answer, {})}) is helps
    warm = Answer("easy", "Who can help?", "Help", (f"Thank you for telling me. {first}",), help=True)
    assert 44 not in {one.rule for one in read(warm, {})}


def test_rule_40_and_42_are_for_the_levels_they_are_for() -> None:
    assert 40 not in broken("Under 18, police may look.", "standard")
    assert 42 not in broken("It is 72 hours, 3 days.", "simple")


def test_formulas_and_shares_never_stop_a_signature() -> None:
    assert rulebook().advice_only == {2, 5, 6, 7, 26, 27}


@pytest.mark.parametrize("label", ["Can I see it", "My DNA", "Ask Childline"])
def test_rule_24_names_letters_and_i_keep_their_capital(label: str) -> None:
    assert 24 not in {found.rule for found in read(Answer("standard", "What is it?", label, ("You can.",)), {})}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Call Childline on 0800 1111.", "Call Childline on 0 8 0 0 1 1 1 1."),
        ("Call 0808 80 10 800 now", "Call 0 8 0 8 8 0 1 0 8 0 0 now"),
        ("Call 116 123", "Call 1 1 6 1 2 3"),
        ("Call 999 or 101", "Call 9 9 9 or 1 0 1"),
        ("Use the 999 BSL app", "Use the 9 9 9 B S L app"),
        ("Your DNA in the UK", "Your D N A in the U K"),
        ("Ask the ISVA for CCTV", "Ask the Izva for C C T V"),
        ("ISVAs and GPs", "Izvas and G Ps"),
        ("5½ years, ½ a year", "5 and a half years, half a year"),
        ("It costs £10.", "It costs 10 pounds."),
        ("In 2026, for 28 days, 1999", "In 2026, for 28 days, 1999"),
        ("You can **ask** [in that case]{everyday}:\n- now", "You can ask in that case:\nnow"),
    ],
)
def test_rule_34_aloud(written: str, said: str) -> None:
    assert aloud(written) == said
    assert unspeakable(written) == []


@pytest.mark.parametrize(
    ("written", "bad"),
    [
        ("The PND has it", ["PND"]),
        ("Mum/dad", ["/"]),
        ("10% → 20%", ["%", "→"]),
        ("Go to https://x.uk/a now", ["https://x.uk/a"]),
    ],
)
def test_rule_34_names_what_a_voice_reads_badly(written: str, bad: list[str]) -> None:
    assert unspeakable(written) == bad


def test_rule_34_the_quoted_law_and_the_question_are_read_aloud_too() -> None:
    answer = Answer("easy", "What is the PND?", "See it", ("Go & see.", "You can."), frozenset({0}))
    assert [found.text for found in read(answer, {}) if found.rule == 34] == ["&", "PND"]


@pytest.mark.parametrize(
    ("level", "pictures", "missing"),
    [
        ("easy", ("dna", None), ["You can go."]),
        ("easy", ("dna", "ask"), []),
        ("easy", None, []),
        ("simple", (None, None), []),
        ("standard", (None, None), []),
    ],
)
def test_rule_36_a_picture_for_each_easy_bubble(
    level: Level, pictures: tuple[str | None, ...] | None, missing: list[str]
) -> None:
    answer = Answer(level, "What is it?", "See it", ("You can ask.", "You can go."), pictures=pictures)
    assert [found.text for found in read(answer, {}) if found.rule == 36] == missing


def test_every_rule_of_the_standard_is_implemented() -> None:
    vetting, touching = (
        (TESTS.parents[1] / "content" / name).read_text("utf-8") for name in ("vetting.py", "touching.py")
    )
    numbers = re.findall(r"_error\(\s*(\d+)", vetting) + re.findall(r"^_RULE = (\d+)", touching, re.M)
    in_vetting = set(map(int, numbers))
    assert {32, 35, 43, 46} <= in_vetting
    assert {limit.rule for limit in rulebook().limits.values()} | in_vetting == RULES


def test_every_rule_has_a_case_or_its_own_test() -> None:
    tests = ("accessibility/test_reading_rules.py", "content/test_cards.py", "content/test_card_front_matter.py")
    sources = "".join((TESTS.parent / name).read_text("utf-8") for name in tests)
    own = set(map(int, re.findall(r"def test_rule_(\d+)_", sources)))
    assert {case["rule"] for case in CASES} | own == RULES


def test_what_blocks_at_easy_level_and_what_advises() -> None:
    for limit in rulebook().limits.values():
        assert (limit.severity["easy"] == "warning") == (limit.rule in ADVICE), limit.rule
    for rule in ADVICE:
        marks = {mark for limit in rulebook().limits.values() if limit.rule == rule for mark in limit.severity.values()}
        assert marks == {"warning"}


ODD = st.sampled_from(
    [
        "- ",
        "1. ",
        "**",
        "[so]{everyday}",
        "]{everyday}",
        ", don't you?",
        "0800 1111",
        "5½",
        "£",
        "’s",
        "\n",
        "\r",
        "\x85",
    ]
)
ODDER = st.sampled_from(
    ["\u2028", "(PND)", "youth caution", " is kept ", "e.g. ", "III", "3-5", "/", "<i>", "_a_", "😀", "ß", "İ", "..."]
)
TEXT = st.lists(ODD | ODDER | st.text(max_size=12), max_size=12).map("".join)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(LEVELS), TEXT, TEXT, st.lists(TEXT, max_size=3), st.booleans())
def test_no_text_is_too_odd_to_be_read(
    level: Level, question: str, button: str, texts: list[str], quoted: bool
) -> None:
    verbatim = frozenset({0}) if quoted and texts else frozenset[int]()
    found = read(Answer(level, question, button, tuple(texts), verbatim, verbatim, (None,)), TERMS)
    assert {one.rule for one in found} <= RULES
    assert all(one.problem and one.suggestion for one in found)
    assert aloud("\n".join(texts)) is not None


@pytest.mark.parametrize("text", ["", " ", "- ", "\n\n", "1. \n- ", "**", "[]{everyday}", "?", "…", "\x00", "½"])
def test_a_text_without_words_is_read_too(text: str) -> None:
    for level in LEVELS:
        read(Answer(level, text, text, (text,), pictures=(None,)), {})


def test_a_finding_says_what_to_do() -> None:
    for case in CASES:
        bubbles = (case["fails"],) if isinstance(case["fails"], str) else tuple(case["fails"])
        for finding in read(Answer(case["level"], "Who can see it?", "See it", bubbles), {}):
            assert finding.problem
            assert finding.suggestion


@pytest.mark.parametrize(("text", "count"), [("Call 0800 1111 now", 3), ("It is 28 days.", 4), ("police's own", 2)])
def test_words(text: str, count: int) -> None:
    assert len(words(text)) == count


def test_list_items_are_sentences_of_their_own() -> None:
    assert sentences("You can:\n- ask\n- see it") == ("You can:", "ask", "see it")


def test_levels_are_three() -> None:
    assert LEVELS == ("standard", "simple", "easy")


def test_a_sentence_is_found_wherever_its_line_stands() -> None:
    assert sentences("You can ask. You can go.\n\n 2. You can see it.") == (
        "You can ask.",
        "You can go.",
        "You can see it.",
    )
    assert sentences("You can go.") == sentences("1. You can go.") == ("You can go.",)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["youth caution", "caution", "a", "ab", "abc", "bail", "ba", "é", "(pnd)", "c++"])), TEXT
)
def test_terms_are_found_as_by_one_list_longest_first(forms: list[str], text: str) -> None:
    """Grouping by the first letters is for speed alone."""
    plainly = "|".join(map(re.escape, sorted(set(forms), key=lambda form: (-len(form), form)))) or "(?!)"
    said = f"{text} youth cautions, a Youth Caution and abc bail"
    found = [hit.lower() for hit in re.findall(rf"\b(?:{plainly})\b", said, re.I)]
    assert Terms(dict.fromkeys(forms, "id")).within(said) == list(dict.fromkeys(found))
    assert Terms(dict.fromkeys(forms, "id")).without(said) == re.sub(rf"\b(?:{plainly})\b", " ", said, flags=re.I)


@given(st.sampled_from(["idioms", "vague", "sensitive", "promises", "details", "synonyms"]), st.data())
def test_every_phrase_of_a_list_is_heard_even_inside_another(name: str, data: st.DataObject) -> None:
    listed = rulebook().phrases[name]
    some = data.draw(st.lists(st.sampled_from(sorted(listed)), max_size=4))
    text = " - ".join(phrase.upper() for phrase in some)
    assert set(some) <= set(listed.said(text))
    assert listed.said(text) == [phrase for phrase in listed if re.search(rf"\b{re.escape(phrase)}\b", text, re.I)]


def test_yaml_is_read_as_the_slow_parser_reads_it() -> None:
    for path in [*TESTS.parents[1].glob("accessibility/*.yml"), *TESTS.parents[1].glob("content/glossary/*.yml")]:
        text = path.read_text("utf-8")
        assert read_yaml(text) == yaml.safe_load(text), path


@pytest.mark.parametrize("text", ["a: b: c", "a: [1\nb: 2", "a: *x", "a: !!python/object:os.stat_result {}"])
def test_broken_or_dangerous_yaml_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)
