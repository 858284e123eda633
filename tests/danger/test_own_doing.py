"""What a child says they will do to somebody, or did: heard as itself by phrases alone, and not in a joke or a game."""

from pathlib import Path
from typing import Any

import pytest

from accessibility.yaml_text import read_yaml
from content.danger import PHRASES, Kind
from tests.danger.ringing import ALARM, surely

LINES: dict[str, dict[str, list[str]]] = read_yaml(Path(__file__).with_name("own_doing.yml").read_text("utf-8"))
RULES: dict[str, Any] = read_yaml(PHRASES.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, said in LINES.items() for text in said["rings"]])
def test_each_line_rings_as_its_kind(kind: str, text: str) -> None:
    assert ALARM.hear(text) == kind


@pytest.mark.parametrize("text", [text for said in LINES.values() for text in said["calm"]])
def test_the_same_words_with_nobody_in_danger_do_not(text: str) -> None:
    assert surely(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "im gonna stab him",
        "IM GONNA STAB HIM",
        "i’m gonna st4b him",
        "gona kil him",
        "imma shank that boy",
        "I want to hurt my mother",
        "im scared ill hurt the baby",
        "i cant stop hitting my mum",
        "i have a knife and i am going to use it",
        "ive got a bat and im stood outside his",
        "im taking a knife to school for him",
        "i keep thinking about killing people",
        "i want to shoot everyone at school",
        "im gonna set fire to the school",
        "i put my hands round her neck",
        "what happens if i stab my dad",
        "how do i hurt someone without getting caught",
        "i dont want to hurt anyone but i think i might",
        "if he comes near me again ill kill him",
        "im going to stab him tonight",
    ],
)
def test_whoever_might_hurt_somebody_gets_that_card(text: str) -> None:
    assert ALARM.hear(text) == Kind.HURT_OTHERS


@pytest.mark.parametrize(
    "text",
    [
        "ive been touching my cousin",
        "i tuched my cusin",
        "i did something sexual to my little brother",
        "i keep having sexual thoughts about little kids",
        "am i a paedo",
        "i looked at pictures of kids and i cant stop",
        "she said no and i carried on",
        "i think i raped someone",
        "i made her do stuff and she didnt want to",
        "how do i stop being attracted to kids",
        "im worried about my sexual thoughts",
        "i asked a 9 year old for nudes",
        "i feel sick about what i did to my cousin",
        "i did it to my sister because someone did it to me",
    ],
)
def test_whoever_worries_about_what_they_did_gets_that_card(text: str) -> None:
    assert ALARM.hear(text) == Kind.OWN_BEHAVIOUR


@pytest.mark.parametrize(
    "text",
    [
        "im gonna kill him lol he ate my chips",
        "i will kill my sister if she wears my jumper again",
        "my mum will kill me",
        "how do i kill the boss",
        "stab it with a fork",
        "in gta i want to kill everyone",
        "gonna batter my brother at mario kart",
        "i could murder a burger",
        "im gonna kill it on stage tonight",
        "hit him up for tickets",
        "i hit him with a pillow",
        "i dont want to hurt his feelings",
        "in my story the girl says i will kill him",
        "in drama i have to stab my friend",
        "we are going to smash them on saturday",
        "i got arrested for hitting my brother",
        "im in trouble for fighting, will they tell my school",
        "they found a knife in my bag",
        "is it illegal to carry a knife",
        "i was accused of touching a girl and its not true",
        "she falsely said i touched her",
        "they keep calling me a nonce",
        "what does nonce mean",
        "am i attracted to boys or girls",
        "i fancy a girl in the year below",
        "i touched wet paint",
        "i did my cousins hair",
        "i made my brother wash up",
        "i looked at pictures of kittens",
        "can they see pictures of my cousins on my phone",
    ],
)
def test_food_games_sport_and_the_polices_questions_do_not_ring_as_what_the_child_does(text: str) -> None:
    assert surely(text) not in (Kind.HURT_OTHERS, Kind.OWN_BEHAVIOUR)


@pytest.mark.parametrize(
    "text",
    [
        "in gta i want to kill everyone. i am going to stab my brother",
        "playing fortnite and im gonna stab him for real",
    ],
)
def test_a_game_never_hides_what_is_meant(text: str) -> None:
    assert ALARM.hear(text) == Kind.HURT_OTHERS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i want to die and im going to stab him", Kind.SUICIDE),
        ("i cut myself and i want to hurt my mum", Kind.SELF_HARM),
        ("he is outside my door with a knife and ill stab him", Kind.DANGER_NOW),
        ("i stabbed him and he is not breathing", Kind.EMERGENCY),
        ("my dad hits me and im going to kill him", Kind.HURT_OTHERS),
        ("they make me sell drugs and i touched my sister", Kind.EXPLOITED),
        ("i touched my sister and my uncle abused me last year", Kind.OWN_BEHAVIOUR),
        ("my friend is being hit and im going to stab her dad", Kind.HURT_OTHERS),
        ("my brother touched my sister", Kind.SOMEONE_ELSE),
        ("my friend says he is going to stab someone", Kind.SOMEONE_ELSE),
        ("he says he will stab me", Kind.DANGER_NOW),
        ("my cousin touched me", None),
    ],
)
def test_the_new_kinds_stand_among_the_others_by_urgency(text: str, kind: Kind | None) -> None:
    heard = ALARM.hear(text)
    assert heard == kind if kind else heard not in (None, Kind.HURT_OTHERS, Kind.OWN_BEHAVIOUR)


def test_nothing_is_lost_by_being_set_aside() -> None:
    """What an idea keeps from more urgent kinds rings by that idea itself."""
    ideas = [idea for kind in RULES["rings"].values() for idea in kind if idea.get("aside")]
    assert ideas
    assert all(ALARM.hear(idea["like"]) for idea in ideas)


def test_each_new_kind_has_lines_to_learn_of_three_voices_and_as_many_calm_ones() -> None:
    files = [read_yaml(file.read_text("utf-8")) for file in Path("bot/lines/danger").glob("*.yml")]
    for key in (f"alarm-{Kind.HURT_OTHERS}", f"alarm-{Kind.OWN_BEHAVIOUR}"):
        authors = [lines for lines in files if key in lines]
        assert len(authors) >= 3
        assert sum(len(lines[key].splitlines()) for lines in authors) >= 120
        calm = [lines.get(key, "") for lines in authors for key in ("out-of-scope", "calm")]
        assert sum(len(lines.splitlines()) for lines in calm) >= 120
