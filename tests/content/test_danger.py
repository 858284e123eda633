"""Whether the alarm hears children in danger, stays quiet for ordinary questions, and never falls over."""

import json
import re
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessibility.yaml_text import read_yaml
from content.danger import PHRASES, SPELLINGS, Alarm, Kind
from content.danger_file import BrokenPhrases
from tests.danger.ringing import ALARM, surely

HERE = Path(__file__).parent
RULES: dict[str, Any] = read_yaml(PHRASES.read_text(encoding="utf-8"))
SPELT: dict[str, Any] = read_yaml(SPELLINGS.read_text(encoding="utf-8"))


def corpus(name: str) -> Any:
    return read_yaml((HERE / f"{name}.yml").read_text(encoding="utf-8"))


LINES: dict[str, Any] = corpus("danger_lines")
QUIET: dict[str, Any] = corpus("danger_lookalikes")
# A second author's lines, written before any phrase was mended for them: these figures say how well phrases carry over.
MORE_LINES: dict[str, Any] = corpus("danger_lines_more")
MORE_QUIET: dict[str, Any] = corpus("danger_lookalikes_more")


def told(half: str, lines: dict[str, Any] = LINES) -> Iterator[tuple[str, str, Kind | None]]:
    """Kind, style and what the alarm heard, for every line of a half."""
    for kind, styles in lines[half].items():
        for style, lines in styles.items():
            yield from ((kind, style, ALARM.hear(line)) for line in lines)


def recall(heard: list[Kind | None]) -> float:
    return sum(h is not None for h in heard) / len(heard)


def show(title: str, groups: dict[str, list[Kind | None]]) -> None:
    print(f"\n{title}")
    for name, heard in sorted(groups.items()):
        print(f"  {name:<14} {len(heard):>4} lines {recall(heard):7.1%} ring")


def grouped(pairs: Iterator[tuple[str, Kind | None]]) -> dict[str, list[Kind | None]]:
    groups: dict[str, list[Kind | None]] = {}
    for name, heard in pairs:
        groups.setdefault(name, []).append(heard)
    return groups


@pytest.mark.parametrize("half", ["seen", "kept-back"])
def test_children_in_danger_are_heard(half: str) -> None:
    rows = list(told(half))
    show(f"{half}: recall by kind", grouped((kind, heard) for kind, _, heard in rows))
    by_style = grouped((style, heard) for _, style, heard in rows)
    show(f"{half}: recall by style", by_style)
    rang = [(kind, heard) for kind, _, heard in rows if heard]
    right = sum(kind == heard for kind, heard in rang) / len(rang)
    print(f"  the right kind, of those that rang: {right:.1%}")
    # Direct cries must ring with the bot away; hints are its work (tests/bot/test_understanding.py hears both).
    assert recall(by_style["direct"]) >= 0.97
    assert recall(by_style["indirect"]) >= 0.75
    assert recall([heard for _, _, heard in rows]) >= 0.89
    assert right >= 0.85


@pytest.mark.parametrize("half", ["seen", "kept-back"])
def test_lookalikes_seldom_ring(half: str) -> None:
    heard = {style: [surely(line) for line in lines] for style, lines in QUIET[half].items()}
    show(f"{half}: false alarms by style", heard)
    assert recall([h for style, many in heard.items() for h in many if style != "ordinary"]) <= 0.08


@pytest.mark.parametrize("half", ["seen", "kept-back"])
def test_children_in_other_voices_are_heard(half: str) -> None:
    # Phrases alone, on lines they were not written from: the bot's own intents are the other half of the alarm.
    rows = list(told(half, MORE_LINES))
    show(f"{half}, other voices: recall by kind", grouped((kind, heard) for kind, _, heard in rows))
    by_style = grouped((style, heard) for _, style, heard in rows)
    show(f"{half}, other voices: recall by style", by_style)
    assert recall(by_style["direct"]) >= 0.85
    assert recall([heard for _, _, heard in rows]) >= 0.60


@pytest.mark.parametrize(("half", "most"), [("seen", 0.02), ("kept-back", 0.03)])
def test_lookalikes_in_other_voices_hardly_ever_ring(half: str, most: float) -> None:
    heard = {style: [surely(line) for line in lines] for style, lines in MORE_QUIET[half].items()}
    show(f"{half}, other voices: false alarms by style", heard)
    assert recall([h for style, many in heard.items() for h in many if style != "ordinary"]) <= most
    assert recall(heard["ordinary"]) == 0


def test_ordinary_questions_hardly_ever_ring() -> None:
    # Both halves together: with 30 lines in a half, one ring alone would be over the floor.
    assert recall([surely(line) for half in QUIET.values() for line in half["ordinary"]]) <= 0.02


@pytest.mark.parametrize(
    ("lines", "lookalikes", "most", "least"), [(LINES, QUIET, 250, 120), (MORE_LINES, MORE_QUIET, 150, 150)]
)
def test_a_corpus_is_large_enough_and_no_line_is_in_both_halves(
    lines: dict[str, Any], lookalikes: dict[str, Any], most: int, least: int
) -> None:
    kept = {half: [x for kind in lines[half].values() for many in kind.values() for x in many] for half in lines}
    calm = {half: [x for many in lookalikes[half].values() for x in many] for half in lookalikes}
    assert sum(map(len, kept.values())) >= most
    assert sum(map(len, calm.values())) >= least
    for halves in (kept, calm):
        assert not set(halves["seen"]) & set(halves["kept-back"])


@pytest.mark.parametrize("kind", list(Kind))
def test_every_idea_rings_for_its_own_example(kind: Kind) -> None:
    heard = {idea["like"]: ALARM.hear(idea["like"]) for idea in RULES["rings"][kind]}
    assert all(heard.values()), heard


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my dad used to hit me and now he hits me every day and i want to die", Kind.SUICIDE),
        ("i cut myself because my uncle touches me", Kind.SELF_HARM),
        ("he is outside my door right now with a knife and i want to die", Kind.DANGER_NOW),
        ("my dad hits me and they make me sell drugs", Kind.HARM_NOW),
        ("they make me sell drugs and i was raped last year", Kind.EXPLOITED),
        ("i was raped and my friend wants to kill herself", Kind.HARM_PAST),
        ("my friend wants to die and so do i, i want to die", Kind.SUICIDE),
        ("my friend wants to kill herself", Kind.SOMEONE_ELSE),
    ],
)
def test_the_most_urgent_kind_wins(text: str, kind: Kind) -> None:
    assert ALARM.hear(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "my stepdad hits me will the police tell my mum",
        "im not suicidal but my dad hits me",
        "this homework is killing me and i want to kill myself",
        "in the film he kills himself and i want to die",
        "nobody hurts me at school but my dad hits me at home",
        "my mum hit me with a belt",
        "he makes me take off my clothes",
        "my coach hit me at training",
        "please i dont want to die",
        "i dont want to kill myself but i keep thinking about it",
        "what if i dont want to carry on",
        "i gave a statement about what dad does and i dont want to carry on",
        "when he was done with me he went downstairs",
        "hes beaten everyone in the house tonight",
        "the paper says im 18 but im 15 and they took my passport",
        "they used my card to buy drugs and i owe them",
        "we get no food at home, dad is in custody",
        "hiding from my little brother hes got a knife",
        "he beat me at cards and then he beat me with his belt",
        "i owe my sister and the older lads say i have to carry for them",
        "i was kidnapped by my nan and she wont let me go home to mum",
        "we play hide and seek and he touches me in the wardrobe",
        "cut my own arm and fringe",
        "coach is going to kill me i told police he touches me",
        "sir is going to kill me because i forgot my kit and he hits me",
        "mam will murder me for losing the baby he put in me",
        "the film gave me nightmares because my uncle does that to me",
        "i dreamt he was trying to kill me again",
        "i had a weird dream about it, he was trying to kill me like last year",
        "he wont stop hitting the wall next to my head",
        "he is singing and he wont stop touching me",
        "im hiding a card from school under my bed and im hiding from dad as well",
        "he says i owe him a kebab and two hundred quid for the weed",
        "he beat us all with the belt in the kitchen",
        "is it normal for a coach to watch me shower",
        "is it normal that my mum locks me in the shed",
        "i was abused by my grandad",
        "kidnapped by two men, in the back of a van",
        "he stabbed me in the back at the bus stop",
        "she sells me to men for a packet of fags",
        "heard the baby next door screaming again, they said it was the telly but theres bruises on her",
        "something was banging on my door all night, dad said it was the cat but it was him",
        "after the fortnite lobby he asks for pics of me and says he will tell my mum",
        "he stabbed me in the back and took my phone",
        "my ex stabbed me in the back over my phone",
        "he sold me for a bag of chips",
        "a man on camera flashed me",
        "the lads are chasing me every day after school",
        "im being bullied by maths teacher",
        "dad beats us all to the floor",
        "ive lost the will to live in this meeting about me",
        "my mum would sell me for a packet of fags",
        "it was the boiler man banging on my bedroom door",
        "they are blackmailing me with the pictures for sweets",
        "the driver wont stop at my house and the doors are locked",
        "season two starts tonight and my stepdad hits me if i put it on",
        "hiding under my bed from my dad, he says its the chores",
        "hiding from my little cousin he has a knife",
        "do i have to carry on the train for them",
        "do i have to carry on selling to court my boyfriend",
        "this test is going to kill me and i want to die",
        "i was accused but he abused me",
        "i burn my hand on the hob when i feel bad",
        "i cut my legs on a tin so i can feel something",
        "i cut my leg shaving but i meant to",
        "uncle made me take all my clothes off for a search",
        "he draws the marks on my skin with a lighter",
        "ive got bruises off dad from football",
        "i have a black eye dad says is from boxing",
        "he stabbed me in the back over a seat i am bleeding",
        "every week at pe they kicked me in the ribs",
        "in pe my sleeve came up and cuts all up my arm",
        "i was beaten for playing fortnite",
        "he made me drop the charges i want it all to stop",
        "my friend sent me a playlist and wants to kill herself",
        "in the choir he hurts me",
        "a boy in our school play keeps on he hits me behind the stage",
        "my role is to be quiet while he hits me",
        "the page says shes going to kill herself tonight she is in my class",
        "my sister is writing a story about killing herself",
        "driver will not let me on unless i touch him",
        "chasing me for a reply he knows where i live",
        "he beats us all at darts night when he is drunk",
        "beats us all to the bus with his belt",
        "i wanted to die when i saw who was in the pics",
        "my head is hurting me after he banged it",
        "my stepdad made me take my clothes off for a search",
        "police wrote down i wanted to die and i do",
        "dad will kill me when he gets my test",
        "i keep cutting my legs shaving its not by accident",
        "i keep cutting my legs on some glass because it helps",
        "in drama piece he hurts me on purpose",
        "in my drama piece he hurts me on purpose",
        "nobody hits me at school its at home",
        "nobody hits me here its when i go to dads",
        "he never touched me at all until i was ten",
        "i was raped but i am not telling anyone who",
        "i have never hurt myself this bad before there is loads of blood",
        "social worker says i am in danger from my dad and i am scared",
        "can someone help me write a suicide note",
        "my dad is going to kill me because im gay he found my letter",
        "dad will batter me when i get late home",
        "my dad hits me at football in front of everyone if we lose",
        "dont like people touching me when i sleep but they do",
        "my aunt forced me to sign the marriage papers",
        "i like to look at the marks on my skin",
        "ive got bruises he says are from rugby",
        "he stabbed me in the back and told me to say nothing",
        "he will not stop talking about his private parts",
        "he is 40 and keeps following me on insta and sends pics",
        "he attacks me with kisses when mum is out",
        "he is blackmailing me with a baby photo of me in the bath",
        "they wait for me in the changing room at football and someone punched me in the face",
        "he punched me in the face because i missed a penalty",
        "mums boyfriend gets angry when city lose 2 nil and i get battered",
        "how do i get changed in pe with cuts on my arm",
        "everyone at swimming will ask about the cuts on my arms",
        "i met him on fortnite now he is outside my house",
        "hes watching me on the map and hes following me",
        "im hiding in the cupboard playing roblox on mute until it goes quiet",
        "my case got dropped they just drop the case like that and i dont want to go on",
        "im withdrawing from my friends and i do not want to keep going",
        "if my homework is wrong dad hits mum for it",
        "i made a playlist for when i am dead",
        "i turn my playlist up loud every time he hurts me",
        "i had a nightmare about last night when they attacked me",
        "he hits me with my toy when i dont tidy",
        "i owe my mum dealer 200 quid",
        "my uncle is in trouble for touching my sister",
        "my friend was talking about suicide in class again",
        "he is going to kill me now",
        "they are coming to kill me now",
        "he wants to kill me now he knows i told",
        "he is in the lobby of my flats, hes looking for me",
        "they are waiting for me in the lobby",
        "someone broke into our house while i was playing fortnite",
        "i was playing fortnite and he came in, now im hiding in the wardrobe",
        "mum says its hide and seek, im hiding under my bed",
        "he is in my house i am hiding in the wardrobe its not hide and seek",
        "its hurting me down there",
        "i told him it was hurting me and he carried on",
        "i was raped but i never told anyone",
        "i was abused but it never stopped",
        "i was groomed but i never knew",
        "doctor asked if i selfharm and i do",
        "the nurse asked if i am suicidal and i am",
        "she asked if i was abused and i said yes",
        "the marks on my skin are from cutting",
        "the marks on my skin are from him",
        "he said police will show my nudes if i dont pay",
        "my uncle is a police officer and he made me take my clothes off",
        "my stepdad was charged for touching me",
        "my uncle got arrested for touching my sister",
        "mum locked me up for hours in my room",
        "nobody hits me except dad",
        "nobody hurts me anymore except my dad",
        "i cant do my english homework because dad is hitting mum",
        "cant revise for my gcse because he beats mum every night",
        "were watching eastenders and dad is hitting mum",
        "my friend watched 13 reasons why and now she is cutting herself",
        "in pshe we did consent and my friend said her boyfriend rapes her",
        "everyone will see my cuts on my legs in swimming",
        "i hide my scars on my arms in pe",
        "miss saw the marks on my legs in pe",
        "he gave me a black eye and told me to say it was at football",
        "i have to say the bruises are from pe",
        "my dad is going to kill me when i get home from school",
        "he wont stop talking about killing me",
        "my friend wont stop talking about suicide",
        "dad says we are all going to die",
        "he says we are all going to die in the fire",
        "i can hear a child is being hurt",
        "i dont like people touching me there",
        "im cutting down my legs",
        "i keep cutting down my arm",
        "i wanted to die when he said take your top off",
        "i would rather die than listen to him hit her",
        "dad gave me bruises on my legs with a cricket bat",
        "ive made a playlist for after, i dont want to live",
        "she hits me if i get the words wrong in the musical",
        "they want me to drop the case but i never said yes he did it anyway",
        "the police officer keeps following me home",
        "he is bringing a knife to school like on the news",
        "my friend wrote a poem about killing herself",
        "he is strangling me with his tie",
        "hiding from my dad and my homework",
        "my phone is going to die and so am i, he has a knife",
        "he hit me with a belt after judo",
        "coach threw me at judo and touches me after",
        "the man is selling me on facebook for sex",
        "im being blackmailed by a 17 year old with my pictures",
        "the line phone goes all night and i have to answer",
    ],
)
def test_a_question_or_a_harmless_part_never_hides_a_disclosure(text: str) -> None:
    assert ALARM.hear(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "shhh we are making a surprise banner",
        "abused my free refill, seven cokes",
        "kidnapped by my cousins to look at curtains all day",
        "is it normal for a granny to hoover at six",
        "my little brother will not stop whistling",
        "the bus driver wouldnt stop for me",
        "can i do it on my own or does my nan have to sign",
        "my legs are wrecked from cross country",
        "i ran for the bus and the doors shut",
        "i dreamt a giant crab was trying to kill me",
        "help im being tortured by algebra",
        "got mugged off by the vending machine",
        "mum threw me under the bus at parents evening",
        "my cousin is scared of the grinch",
        "lost the will to live in this queue",
        "she stabbed me in the back at catan",
        "taken hostage by my duvet",
        "the wifi is bullying me",
        "hiding in my room from the hoovering",
        "just kill me now, double maths and it is raining",
        "this jumper is strangling me, the neck is tight",
        "my stomach is attacking me i ate five parathas",
        "my phone battery is going to die in a min",
        "knocked me down with a feather when our ewe won",
        "being blackmailed by a six year old who saw me dancing",
        "if tom sings that song once more im selling him on ebay",
        "he chased me with a pool noodle round the campsite",
        "the bowler hit me on the helmet but im fine",
        "need five facts about anne frank hiding in the attic",
        "hiding from my little cousins, they want to play shops",
        "only i filled in the form, will the person know it was me",
        "do i have to carry on to court, im bored of it",
        "my psychology mock is gonna murder me",
        "my mate got axused of breaking the greenhouse",
    ],
)
def test_everyday_words_that_once_rang_are_still(text: str) -> None:
    assert surely(text) is None


@pytest.mark.parametrize(
    "text",
    [
        # Cross, not violent.
        "my nana will murder me if i get one more letter off the school",
        "me mam is gonna kill me lol she had to take the morning off",
        "my support worker is going to murder me when she sees the state of this form",
        "dad would kill me haha no xbox til easter",
        "no he isnt like that. shes raging cos she had to get two buses",
        # About papers, tests and the talk itself.
        "page four of the letter is blacked out",
        "it says breath test but nobody did no breath test on me",
        "i get nervous and my words come out backwards",
        "they can hear us through the wall, is that allowed",
        "i must go with him to the station, how do i ask for an interpreter",
        "i wait five hours no interpreter, then i sign paper",
        "he say i push him and i say no",
        "the sergeant gave me my phone and they let me go",
        "the letter come for my nan but it is about me",
        "the woman kept on saying dont move him",
        "i only want it written down that nobody forced me",
        "what is a suicide marker",
        "does the club officer get it, or would she hear it from the school",
    ],
)
def test_a_calm_remark_in_a_talk_does_not_ring(text: str) -> None:
    assert surely(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "my nana will murder me she hit me with the belt last time",
        "my mum is going to kill me lol im hiding in the bathroom",
        "my carer is going to kill me help",
        "dad will kill me haha but hes got a knife",
        "he is raging and he wont let us out",
        "hes gone under and he isnt coming up",
        "her words are coming out jumbled and her face is funny",
        "i blacked out and i am on the floor",
        "nobody will let me out",
        "the voices tell me i should jump",
        "they tell me to hurt myself",
        "he will post it online if i dont pay",
        "they will come for my sister",
    ],
)
def test_the_same_words_with_violence_or_fear_ring(text: str) -> None:
    assert ALARM.hear(text) is not None


def test_no_quiet_phrase_holds_a_filler() -> None:
    """It would be taken out of the phrase, which then stills more than it says: "kill me now lol", "kill me now"."""
    fillers = set(SPELT["fillers"])
    quiet = [phrase for idea in RULES["quiet"] for phrase in idea["say"]]
    assert [phrase for phrase in quiet if not fillers.isdisjoint(re.findall(r"\w+", phrase))] == []


@pytest.mark.parametrize(
    ("text", "rings"),
    [
        ("in july they are flying me out to be married to a man i have never met", True),
        ("dad is taking me to pakistan in the summer to marry his friends son", True),
        ("we fly tonight and i found out its for my wedding", True),
        ("my family decide my marriage for august with old man, i say no", True),
        ("my parents took me abroad to see my cousin get married", False),
        ("mum is taking me to spain to see my aunt marry dave", False),
        ("i am flying to pakistan for my cousins wedding", False),
        ("my dad has set my bedtime at nine", False),
        ("mum wont let me dye my hair", False),
        ("i wont to dye my hair pink", False),
    ],
)
def test_a_wedding_rings_when_it_is_the_childs_own(text: str, rings: bool) -> None:
    assert (ALARM.hear(text) is not None) == rings


@pytest.mark.parametrize("text", corpus("danger_in_frames"))
def test_a_story_a_game_or_a_leaflet_never_hides_a_disclosure(text: str) -> None:
    assert ALARM.hear(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "i swallowed a coin when i was four and now i cant breathe",
        "when i was little dad broke my arm and the story was trampoline",
        "when i was six dad broke my arm and he says it was the swing",
        "mum had an overdose on my birthday when i was 6",
        "my brother fell in the pond last year and he just did it again",
        "for my first aid badge i practised but now my brother is really choking",
        "i cant breathe haha no seriously help",
        "i cant breathe lol",
        "my chest hurts and im not laughing",
        "hahaha he hit me again",
        "the telly fell on the baby",
        "the dog bit my sister and she is bleeding loads",
        "she says she is only pretending but she is not moving",
        "were fasting and my sister has fainted and wont wake",
        "i burnt the tea and brought shame on the family and my uncles are coming to kill me",
        "mum passed out on the sofa after work and wont wake up",
        "my lip is massive after the dentist and i cant breathe",
        "my brother farted but it smells of gas and we have headaches",
    ],
)
def test_what_is_of_today_or_done_by_somebody_rings(text: str) -> None:
    assert ALARM.hear(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "I WANT TO DIE",
        "i want to diiiie",
        "i want to d1e",
        "i\u200b want to di\u0301e",
        "i w\u0430nt t\u043e die kms",
        "i wanna dye",
        "im gonna kms",
        "i’m suicidal",
        "ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "i want... to die",
        "i\twant\x00 to die",
        "i wont to dye i hate my lyf",
    ],
)
def test_disguised_and_misspelt_words_are_heard(text: str) -> None:
    assert ALARM.hear(text) is not None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i want\nto die", Kind.SUICIDE),
        ("i want\r\n\r\nto die", Kind.SUICIDE),
        ("my dad\nhits me", Kind.HARM_NOW),
        ("it was fun\nhelp me\nsee you", Kind.DANGER_NOW),
    ],
)
def test_a_line_that_ends_in_the_middle_of_a_cry_hides_nothing(text: str, kind: Kind) -> None:
    assert ALARM.hear(text) == kind
    assert ALARM.hear("how long do the police keep my photo. " * 100 + text) == kind


def test_the_whole_raw_message_is_heard_however_long() -> None:
    ordinary = "how long do the police keep my photo. " * 260
    assert ALARM.hear(ordinary) is None
    assert ALARM.hear(f"\n\n   {ordinary}i want to die   ") == Kind.SUICIDE


# Surrogates are asked for by name: a browser can send half an emoji.
any_text = st.text(st.characters(), max_size=300) | st.text(
    st.sampled_from("\ud83d\x00\u202e\u200d💀🔪 .!/~*@$'\n idiekmsme01"), max_size=300
)
words = st.lists(
    st.sampled_from(["i", "want", "to", "die", "my", "dad", "hits", "me", "he", "is", "not", "/", "~", "a" * 500]),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(any_text)
def test_no_text_makes_it_raise(text: str) -> None:
    assert ALARM.hear(text) in {None, *Kind}


@settings(max_examples=100, deadline=None)
@given(words)
def test_it_always_gives_the_same_answer(many: list[str]) -> None:
    assert ALARM.hear(" ".join(many)) == ALARM.hear(" ".join(many))


HOSTILE = [
    "i ",
    "in the film he hits her and ",
    "in the film he hits her. ",
    "my dad ",
    "he is in the ",
    "want to ",
    "a",
    "i am being ",
    "\ufdfa",
    "hit me ",
    ". ",
    "k*",
    "someone in my house ",
    "my friend is getting my friend was ",
    "suicid ",
    "they make me they said i must ",
]


@pytest.mark.parametrize("token", HOSTILE)
def test_hostile_repetition_costs_no_more_than_its_length(token: str) -> None:
    def seconds(size: int) -> float:
        text = (token * size)[:size]
        start = time.process_time()
        ALARM.hear(text)
        return time.process_time() - start

    short, long = min(seconds(2_500) for _ in range(3)), min(seconds(10_000) for _ in range(3))
    # Four times the text: a square law would be sixteen times the work.
    assert long < 9 * short + 0.05
    assert long < 2


def test_no_phrase_can_backtrack_without_bound() -> None:
    patterns = [phrase.pattern.pattern for phrase in ALARM.phrases()]
    assert len(patterns) > 250
    gaps = [p.replace("[^/~ ]+ ", "") for p in patterns]
    assert not [p for p in gaps if "+ " in p.replace("\\+", "") or ".*" in p or ")*" in p or ")+" in p]


def _a_few_rules() -> dict[str, Any]:
    """The phrase file with one idea of each kind: enough to break, and quick to read."""
    rules: dict[str, Any] = {**RULES, "rings": {kind: ideas[:1] for kind, ideas in RULES["rings"].items()}}
    return deepcopy(rules)


def _written(rules: dict[str, Any], path: Path) -> Path:
    """The rules as a phrase file. JSON is YAML too, and is written in no time."""
    path.write_text(json.dumps(rules, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "phrase",
    [
        "my (dad hits me",
        "my dad) hits me",
        "<nobody> hits me",
        "... ...",
        "[maybe]",
        "a ... b ... c ... d ... e",
        "my (dad|) hits",
        "really",
        "(really|dad) hits",
    ],
)
def test_a_broken_phrase_is_named_with_its_file_and_kind(tmp_path: Path, phrase: str) -> None:
    rules = _a_few_rules()
    rules["rings"]["suicide"][0]["say"].append(phrase)
    path = _written(rules, tmp_path / "mine.yml")
    with pytest.raises(BrokenPhrases) as broken:
        Alarm.load(path)
    for part in (str(path), "suicide", phrase):
        assert part in str(broken.value)


def test_a_phrase_that_yaml_reads_as_a_number_is_named(tmp_path: Path) -> None:
    rules = _a_few_rules()
    rules["rings"]["suicide"][0]["say"].append(999)
    path = _written(rules, tmp_path / "mine.yml")
    with pytest.raises(BrokenPhrases, match=r"mine\.yml: suicide.*999"):
        Alarm.load(path)


@pytest.mark.parametrize("text", ["", "- a\n- b", "rings: {}", "a: [", "rings:\n  suicide: []", "\x00"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenPhrases, match=r"mine\.yml"):
        Alarm.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenPhrases, match="gone"):
        Alarm.load(tmp_path / "gone.yml")


def test_a_missing_or_misplaced_kind_is_refused(tmp_path: Path) -> None:
    rules = _a_few_rules()
    rules["rings"]["suicide"] = rules["rings"].pop("suicide")
    path = _written(rules, tmp_path / "mine.yml")
    with pytest.raises(BrokenPhrases, match="in this order"):
        Alarm.load(path)
