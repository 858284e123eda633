"""The real bot and the real alarm at the exam: lines by authors who saw no training line, held to floors."""

from collections.abc import Iterator

import pytest

from accessibility.yaml_text import read_yaml
from api.chat.danger_detection import RINGS_FIRST
from content.danger import Alarm
from tests.bot_process import RasaServer
from tests.exam.figures import Answer, Heard, alarm_headline, headline, hear
from tests.exam.floors import fails
from tests.exam.questions import DEVELOPMENT, HERE, LINES, Cry, cries, questions, twins

LANGUAGES = read_yaml((HERE / "languages.yml").read_text("utf-8"))
# The languages said to be supported, in docs/understanding.md too. Arabic is heard only in part.
RIGHT_AMONG_THREE = dict.fromkeys(("pl", "uk", "ro", "ur", "fr", "es", "pt"), 0.85) | {"ar": 0.75}
SEEN_AS_ANOTHER_LANGUAGE = 0.9
# Of 13,000 cries every third is asked here, of every author; `make exam` asks them all.
ONE_IN = 3


def test_the_exam_is_large_enough_and_by_its_own_authors() -> None:
    asked, cried = questions(), cries()
    assert len(asked) >= 800
    assert len({question.author for question in asked}) >= 2
    assert sum(cry.kind is not None for cry in cried + cries(DEVELOPMENT)) >= 500
    assert sum(cry.kind is None for cry in cried + cries(DEVELOPMENT)) >= 200
    assert {q.author for q in asked}.isdisjoint(q.author for q in questions(DEVELOPMENT))
    development = {question.text.casefold() for question in questions(DEVELOPMENT)}
    # Two authors may well write "hiya" or "withdraw my statement".
    assert sum(question.text.casefold() in development for question in asked) <= len(asked) * 0.02


@pytest.fixture(scope="module")
def cried() -> list[Cry]:
    return cries(LINES)[::ONE_IN]


@pytest.fixture(scope="module")
def left_out(cried: list[Cry]) -> set[str]:
    return twins([question.text for question in questions()] + [cry.text for cry in cried])


@pytest.mark.rasa
def test_few_exam_lines_are_nearly_training_lines(left_out: set[str], cried: list[Cry]) -> None:
    assert len(left_out) <= 0.1 * (len(questions()) + len(cried))


@pytest.fixture(scope="module")
def answers(rasa: RasaServer, left_out: set[str]) -> list[Answer]:
    return [Answer(q, rasa.ranking(q.text)) for q in questions() if q.text not in left_out]


@pytest.fixture(scope="module")
def heard(rasa: RasaServer, cried: list[Cry], left_out: set[str]) -> list[Heard]:
    alarm = Alarm.load()
    return [hear(cry, alarm, rasa.ranking(cry.text)) for cry in cried if cry.text not in left_out]


@pytest.mark.rasa
def test_strangers_are_understood_and_heard(answers: list[Answer], heard: list[Heard]) -> None:
    figures = {**dict(headline(answers)), **dict(alarm_headline(heard))}
    for name, value in figures.items():
        print(f"{name}: {value:.3f}")
    assert fails(figures) == []


def spoken() -> Iterator[tuple[str, str, str]]:
    for language, pairs in LANGUAGES.items():
        if language != "alarm":
            yield from ((language, text, want) for text, want in pairs)


@pytest.mark.rasa
def test_questions_in_other_languages_find_their_card(rasa: RasaServer) -> None:
    found: dict[str, list[tuple[bool, bool]]] = {}
    for language, text, want in spoken():
        parsed = rasa.parse(text)
        near = want in [guess["name"] for guess in parsed["intent_ranking"][:3]]
        seen = ("language", language) in {(entity["entity"], entity["value"]) for entity in parsed["entities"]}
        found.setdefault(language, []).append((near, seen))
    for language, hits in found.items():
        near, seen = (sum(part) / len(hits) for part in zip(*hits, strict=True))
        print(f"{language}: among the first three {near:.2f}, language seen {seen:.2f}")
        assert near >= RIGHT_AMONG_THREE[language], language
        assert seen >= SEEN_AS_ANOTHER_LANGUAGE, language


@pytest.mark.rasa
def test_danger_in_other_languages_rings(rasa: RasaServer) -> None:
    rankings = [(text, rasa.ranking(text)) for pairs in LANGUAGES["alarm"].values() for text, _ in pairs]
    silent = [text for text, ranking in rankings if sum(c for n, c in ranking if n.startswith("alarm-")) < RINGS_FIRST]
    assert len(silent) <= len(rankings) // 8, silent


@pytest.mark.rasa
def test_english_typed_badly_is_not_taken_for_another_language(rasa: RasaServer) -> None:
    lines = [q.text for q in questions(DEVELOPMENT) if q.want != "other-language"][::3]
    taken = [text for text in lines if any(e["entity"] == "language" for e in rasa.parse(text)["entities"])]
    assert len(taken) <= len(lines) // 100, taken
