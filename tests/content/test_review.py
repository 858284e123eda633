"""The way to a signature: every act at every stage by everybody, and nobody alone ever gets there, in any order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations, product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessibility.yaml_text import read_yaml
from content.review import (
    ROLES,
    Act,
    ActKind,
    Actor,
    NotAllowed,
    Progress,
    Role,
    Stage,
    covers,
    must_be_allowed,
    stands_in_the_way,
)
from content.signoff import NATIONAL

TABLE = read_yaml(Path(__file__).with_name("review_table.yml").read_text("utf-8"))
KINDS: tuple[ActKind, ...] = get_args(ActKind)
STAGES: tuple[Stage, ...] = get_args(Stage)
NOT_THIS_FORCE = "You do not work for this force."
OWN_WORDS = "You changed some of these words yourself."
OWN_APPROVAL = "You approved these words, so somebody else signs them."
WRITER, REVIEWER, LEAD = 1, 2, 3
# How words get to each stage by the hands of others.
WAYS: dict[Stage, Sequence[tuple[ActKind, int]]] = {
    "untouched": [],
    "draft": [("edit", WRITER)],
    "in-review": [("edit", WRITER), ("submit", WRITER)],
    "returned": [("edit", WRITER), ("submit", WRITER), ("return", REVIEWER)],
    "approved": [("edit", WRITER), ("submit", WRITER), ("approve", REVIEWER)],
    "signed": [("edit", WRITER), ("submit", WRITER), ("approve", REVIEWER), ("sign", LEAD)],
    "withdrawn": [("edit", WRITER), ("withdraw", LEAD)],
    "recalled": [("edit", WRITER), ("recall", REVIEWER)],
}


def somebody(role: Role, layer: str = "kent", *, number: int = 9, deputy: bool = False) -> Actor:
    return Actor(number, f"person {number}", f"the {role}", role, layer, deputy)


def progress(*acts: tuple[ActKind, int], words: str = "same") -> Progress:
    return Progress(tuple(Act(kind, person, "same") for kind, person in acts), words)


def everybody(layer: str = "kent") -> Iterator[Actor]:
    for role, deputy in product(ROLES, (False, True)):
        yield somebody(role, layer, deputy=deputy)


def parts_of(actor: Actor) -> set[str]:
    return {actor.role} | ({"deputy"} if actor.deputy else set())


def test_the_table_has_every_stage_and_every_act() -> None:
    assert set(TABLE["stages"]) == set(WAYS) == set(STAGES)
    assert all(set(row) == set(KINDS) for row in TABLE["stages"].values())
    assert set(TABLE["not_yours"]) == set(TABLE["after"]) == set(KINDS)
    assert all(progress(*way).stage == stage for stage, way in WAYS.items())


@pytest.mark.parametrize(("stage", "act"), list(product(STAGES, KINDS)))
def test_who_may_do_what_at_every_stage(stage: Stage, act: ActKind) -> None:
    said, mine = TABLE["stages"][stage][act], TABLE["not_yours"][act]
    ever = {part for row in TABLE["stages"].values() if isinstance(row[act], list) for part in row[act]}
    for actor in everybody():
        wanted = [] if parts_of(actor) & ever else [mine]
        wanted += [said] if isinstance(said, str) else []
        assert list(stands_in_the_way(act, actor, "kent", progress(*WAYS[stage]))) == wanted, actor


@pytest.mark.parametrize(("stage", "act"), list(product(STAGES, KINDS)))
def test_nobody_acts_on_the_words_of_another_force(stage: Stage, act: ActKind) -> None:
    here = progress(*WAYS[stage])
    for actor in everybody("essex"):
        assert NOT_THIS_FORCE in stands_in_the_way(act, actor, "kent", here)
        assert NOT_THIS_FORCE in stands_in_the_way(act, actor, NATIONAL, here)
    for actor in everybody(NATIONAL):
        own = stands_in_the_way(act, replace(actor, layer="kent"), "kent", here)
        refused = () if act == "recall" else (NOT_THIS_FORCE,)
        assert stands_in_the_way(act, actor, "kent", here) == refused + own


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("act", KINDS)
def test_every_act_leads_to_its_stage_from_wherever_it_may_be_done(stage: Stage, act: ActKind) -> None:
    if isinstance(TABLE["stages"][stage][act], list):
        assert progress(*WAYS[stage], (act, 9)).stage == TABLE["after"][act]


def test_a_recall_reaches_the_own_layer_and_from_the_national_layer_every_one() -> None:
    layers = ("kent", "essex", NATIONAL)
    reach = {of: [layer for layer in layers if covers(somebody("lead", of), layer)] for of in layers}
    assert reach == {"kent": ["kent"], "essex": ["essex"], NATIONAL: list(layers)}


def test_a_deputy_signs_and_withdraws_only_while_named() -> None:
    approved = progress(*WAYS["approved"])
    for role in ("editor", "reviewer"):
        for act in ("sign", "withdraw"):
            assert stands_in_the_way(act, somebody(role, deputy=True), "kent", approved) == ()
            told = stands_in_the_way(act, somebody(role), "kent", approved)
            assert told == (TABLE["not_yours"][act],)
        assert stands_in_the_way("recall", somebody("editor", deputy=True), "kent", approved)


def test_every_reason_is_told_at_once_and_the_rules_stop_what_leads_to_a_signature() -> None:
    one, many = "The reading rules stop these words in 1 place.", "The reading rules stop these words in 3 places."
    for act, stage in (("submit", "draft"), ("approve", "in-review"), ("sign", "approved")):
        actor = somebody({"submit": "editor", "approve": "reviewer", "sign": "lead"}[act])
        assert stands_in_the_way(act, actor, "kent", progress(*WAYS[stage]), 1) == (one,)
    for act in ("edit", "return", "withdraw", "recall"):
        assert stands_in_the_way(act, somebody("lead"), "kent", progress(*WAYS["in-review"]), 3) == ()
    with pytest.raises(NotAllowed) as told:
        must_be_allowed("sign", somebody("editor", "essex", number=WRITER), "kent", progress(*WAYS["draft"]), 3)
    sign = TABLE["stages"]["draft"]["sign"]
    assert told.value.reasons == (NOT_THIS_FORCE, TABLE["not_yours"]["sign"], sign, OWN_WORDS, many)
    assert all(reason in str(told.value) for reason in told.value.reasons)


@pytest.mark.parametrize("stage", ["in-review", "approved", "signed"])
def test_words_that_changed_since_they_were_read_are_a_draft_again(stage: Stage) -> None:
    changed = progress(*WAYS[stage], words="another text")
    assert changed.stage == "draft"
    assert changed.approver is None
    assert stands_in_the_way("sign", somebody("lead"), "kent", changed)
    assert stands_in_the_way("approve", somebody("reviewer"), "kent", changed)
    assert not stands_in_the_way("submit", somebody("editor"), "kent", changed)


@pytest.mark.parametrize("stage", ["in-review", "approved"])
def test_an_edit_ends_the_review_even_when_the_words_come_back(stage: Stage) -> None:
    acts = (*WAYS[stage], ("edit", WRITER), ("edit", WRITER))
    assert progress(*acts).stage == "draft"
    assert progress(*acts).approver is None


def test_who_changed_words_is_forgotten_at_the_signature_and_at_nothing_else() -> None:
    for act in KINDS:
        after = progress(("edit", WRITER), (act, LEAD))
        assert (WRITER in after.authors) == (act != "sign")
    assert progress(("sign", LEAD), ("edit", WRITER), ("withdraw", LEAD), ("recall", REVIEWER)).authors == {WRITER}
    assert replace(progress(*WAYS["signed"]), setters=frozenset({7})).authors == {7}


def test_whoever_set_a_fact_neither_approves_nor_signs() -> None:
    set_by_9 = {stage: replace(progress(*WAYS[stage]), setters=frozenset({9})) for stage in STAGES}
    assert stands_in_the_way("approve", somebody("reviewer"), "kent", set_by_9["in-review"]) == (OWN_WORDS,)
    assert stands_in_the_way("sign", somebody("lead"), "kent", set_by_9["approved"]) == (OWN_WORDS,)
    assert stands_in_the_way("return", somebody("reviewer"), "kent", set_by_9["in-review"]) == ()


def test_people_who_share_a_name_are_told_before_a_signature_would_mix_them_up() -> None:
    names = {WRITER: "Sam  LEE", REVIEWER: "Ada Jones"}
    sam, ada = replace(somebody("reviewer"), name="Sam Lee"), replace(somebody("lead"), name="ada jones")
    in_review = replace(progress(*WAYS["in-review"]), names=names)
    approved = replace(progress(*WAYS["approved"]), names=names)
    for act, actor, where in (("approve", sam, in_review), ("sign", ada, approved)):
        [told] = stands_in_the_way(act, actor, "kent", where)
        assert "somebody else with your name" in told.lower()
    assert stands_in_the_way("return", sam, "kent", in_review) == ()
    assert stands_in_the_way("approve", replace(sam, name="Sam P. Lee"), "kent", in_review) == ()
    unnamed = replace(sam, id=REVIEWER, name="Ada Jones", deputy=True)
    assert stands_in_the_way("sign", unnamed, "kent", approved) == (OWN_APPROVAL,)


# One person in several parts


def can_do_all(number: int) -> Actor:
    """A reviewer who is the lead's deputy: the one kind of person who may write, approve and sign."""
    return somebody("reviewer", number=number, deputy=True)


@dataclass
class Desk:
    """Does what the rules allow, and keeps its own journal of it: what happened, by whom, and the words then."""

    text: str = "a"
    fact: str = "a"
    release: str = "a"
    acts: list[Act] = field(default_factory=list)
    journal: list[tuple[str, int, str]] = field(default_factory=list)

    @property
    def words(self) -> str:
        return self.text + self.fact + self.release

    def progress(self) -> Progress:
        """As the records put it together."""
        return Progress(tuple(self.acts), self.words)

    def do(self, kind: ActKind, actor: Actor, text: str = "") -> bool:
        if stands_in_the_way(kind, actor, "kent", self.progress()):
            return False
        self.text = text if kind == "edit" else self.text
        self.acts.append(Act(kind, actor.id, self.words))
        self.journal.append((kind, actor.id, self.words))
        return True

    def on(self, actor: Actor) -> None:
        """The next step to a signature that this person may take, if there is one."""
        any(self.do(kind, actor) for kind in ("sign", "approve", "submit"))

    def set_fact(self, actor: Actor, value: str) -> None:
        """A fact that is set is an edit of every card that it stands in."""
        self.fact = value
        self.acts.append(Act("edit", actor.id, self.words))
        self.journal.append(("fact", actor.id, self.words))

    def new_release(self, number: str) -> None:
        self.release = number
        self.journal.append(("release", 0, self.words))


def broken_promise(journal: Sequence[tuple[str, int, str]]) -> str:
    """What a signature in this journal breaks; nothing when every promise is kept. Knows none of the rules' code."""
    before = -1
    for at, (what, signer, words) in enumerate(journal):
        if what != "sign":
            continue
        since = journal[before + 1 : at]
        changed_by = {who for did, who, _ in since if did in ("edit", "fact")}
        ways = [place for place, (did, _, _) in enumerate(since) if did == "approve"]
        if not ways:
            return "nobody approved"
        _, approver, approved = since[ways[-1]]
        after = {did for did, _, _ in since[ways[-1] + 1 :]}
        if approver == signer:
            return "one person approved and signed"
        if {approver, signer} & changed_by:
            return "somebody signed or approved what they changed"
        if approved != words or after & {"edit", "fact", "return", "withdraw", "recall", "submit"}:
            return "what was approved is not what was signed, or the approval had ended"
        before = at
    return ""


@pytest.mark.parametrize(("author", "approver", "signer"), list(product((1, 2, 3), repeat=3)))
def test_a_signature_needs_three_parts_played_by_different_people(author: int, approver: int, signer: int) -> None:
    desk = Desk()
    assert desk.do("edit", can_do_all(author), "b")
    assert desk.do("submit", can_do_all(author))
    approved = desk.do("approve", can_do_all(approver))
    assert approved == (author != approver)
    if not approved:
        other = next(number for number in (1, 2, 3) if number not in (author, signer))
        assert desk.do("approve", can_do_all(other))
        approver = other
    assert desk.do("sign", can_do_all(signer)) == (signer not in (author, approver))
    assert broken_promise(desk.journal) == ""


@pytest.mark.parametrize("parts", list(product((1, 2, 3), repeat=3)))
def test_no_order_of_acts_lets_one_person_play_two_parts(parts: tuple[int, int, int]) -> None:
    author, approver, signer = parts
    changes = [("edit", author), ("fact", signer), ("withdraw", 4)]
    steps = [*changes, *(("on", number) for number in (author, approver, signer))]
    for order in permutations(steps):
        desk = Desk()
        for what, number in order:
            play(desk, what, can_do_all(number), "b")
        assert broken_promise(desk.journal) == "", order


def play(desk: Desk, what: str, actor: Actor, value: str) -> None:
    if what == "on":
        desk.on(actor)
    elif what == "fact":
        desk.set_fact(actor, value)
    elif what == "release":
        desk.new_release(value)
    else:
        desk.do(what, actor, value)  # type: ignore[arg-type]


PEOPLE = [
    somebody("editor", number=1),
    somebody("reviewer", number=2),
    somebody("lead", number=3),
    somebody("editor", number=4, deputy=True),
    can_do_all(5),
    can_do_all(6),
    somebody("admin", number=7, deputy=True),
]
# What leads on is drawn more often than what leads back, and by those who may: or few runs would come to a signature.
WHAT = (*("on",) * 8, "edit", "fact", "release", "withdraw", *KINDS)
WHO = (*PEOPLE, *PEOPLE[1:3], *PEOPLE[4:6], *PEOPLE[4:6])
STEP = st.tuples(st.sampled_from(WHAT), st.sampled_from(WHO), st.sampled_from("ab"))
STEPS = st.lists(STEP, min_size=4, max_size=24)
Steps = list[tuple[str, Actor, str]]


def played(steps: Steps) -> Desk:
    desk = Desk()
    for what, actor, value in steps:
        play(desk, what, actor, value)
    return desk


@settings(max_examples=800, deadline=None)
@given(STEPS)
def test_no_sequence_of_acts_breaks_a_promise(steps: Steps) -> None:
    assert broken_promise(played(steps).journal) == ""


@settings(max_examples=300, deadline=None)
@given(STEPS, st.sampled_from(PEOPLE))
def test_nobody_alone_ever_comes_to_a_signature(steps: Steps, alone: Actor) -> None:
    desk = played([(what, alone, value) for what, _, value in steps])
    assert "sign" not in {act.kind for act in desk.acts}


def test_the_sequences_do_come_to_signatures() -> None:
    """Otherwise the two tests above would prove nothing."""
    one, two, three = PEOPLE[0], PEOPLE[4], PEOPLE[5]
    steps: Steps = [("edit", one, "b"), ("submit", one, ""), ("approve", two, ""), ("sign", three, "")]
    again: Steps = [("submit", one, ""), ("approve", three, ""), ("sign", two, "")]
    desk = played(steps + again)
    assert [act.kind for act in desk.acts].count("sign") == 2


@pytest.mark.parametrize(
    "journal",
    [
        [("sign", 2, "a")],
        [("approve", 1, "a"), ("sign", 1, "a")],
        [("edit", 1, "a"), ("approve", 1, "a"), ("sign", 2, "a")],
        [("edit", 2, "a"), ("approve", 1, "a"), ("sign", 2, "a")],
        [("fact", 2, "a"), ("approve", 1, "a"), ("sign", 2, "a")],
        [("approve", 1, "a"), ("edit", 3, "b"), ("edit", 3, "a"), ("sign", 2, "a")],
        [("approve", 1, "a"), ("fact", 3, "b"), ("fact", 3, "a"), ("sign", 2, "a")],
        [("approve", 1, "a"), ("release", 0, "b"), ("sign", 2, "b")],
        [("approve", 1, "a"), ("sign", 2, "a"), ("sign", 3, "a")],
    ],
)
def test_the_judge_of_these_tests_finds_what_is_broken(journal: list[tuple[str, int, str]]) -> None:
    assert broken_promise(journal)
