"""What came of messages, as typed and in plain English: shares by group, and what must hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.talks.marks import Mark
from tests.writing.messages import PLAIN, Message, is_out

FLOORS: Mapping[str, float] = {
    "right at once": 0.82,
    "among the buttons": 0.94,
    "out of scope, recall": 0.85,
    "out of scope, precision": 0.75,
    "cries, alarm or offer": 0.97,
}
CEILINGS: Mapping[str, float] = {
    "plain better than typed": 0.03,
    "chat rings": 0.03,
    "elsewhere rings": 0.015,
    "worst group under plain": 0.06,
}


@dataclass
class Count:
    """One group's messages of one way of writing."""

    of: Counter[str] = field(default_factory=Counter)

    def add(self, message: Message, mark: Mark) -> None:
        """Counts one. A question that no card answers examines nothing but the alarm."""
        out, said_out = is_out(message), "out-of-scope" in mark.shown
        asks = message["alarm"] == "no" and not out and "no-card" not in message["want"]
        must = message["alarm"] == "must"
        self.of.update(
            questions=asks,
            right=asks and mark.right,
            reachable=asks and mark.reachable,
            out=out,
            out_right=out and said_out,
            said_out=said_out and not must,
            must=must,
            heard=must and (mark.rang or mark.hinted),
            rang=must and mark.rang,
            calm=message["alarm"] == "no",
            rings=message["alarm"] == "no" and mark.rang,
            **{f"{message['kind']}": 1, f"{message['kind']} rings": message["alarm"] == "no" and mark.rang},
        )

    def share(self, part: str, whole: str) -> float:
        """One count by another."""
        return self.of[part] / max(1, self.of[whole])


Counts = Mapping[str, Mapping[str, Count]]
"""By group, "all" among them, then "say" and "plain"."""


def counted(marked: Iterable[tuple[Message, str, Mark]]) -> Counts:
    """Counts messages, each with which of its two ways was asked."""
    found: dict[str, dict[str, Count]] = {}
    for message, way, mark in marked:
        for group in (str(message["group"]), "all"):
            found.setdefault(group, {}).setdefault(way, Count()).add(message, mark)
    return found


def headline(counts: Counts) -> dict[str, float]:
    """The figures that must hold, as typed."""
    said, plain = counts["all"]["say"], counts["all"]["plain"]
    others = [ways["say"] for group, ways in counts.items() if group not in ("all", PLAIN)]
    in_plain = counts[PLAIN]["say"].share("right", "questions")
    return {
        "right at once": said.share("right", "questions"),
        "among the buttons": said.share("reachable", "questions"),
        "out of scope, recall": said.share("out_right", "out"),
        "out of scope, precision": said.share("out_right", "said_out"),
        "cries, alarm or offer": said.share("heard", "must"),
        "plain better than typed": plain.share("right", "questions") - said.share("right", "questions"),
        "chat rings": said.share("chat rings", "chat"),
        "elsewhere rings": said.share("elsewhere rings", "elsewhere"),
        "worst group under plain": in_plain - min(count.share("right", "questions") for count in others),
    }


def short(figures: Mapping[str, float]) -> Iterator[str]:
    """Each figure that does not hold, with what it must be."""
    for name, least in FLOORS.items():
        if figures[name] < least:
            yield f"{name} {figures[name]:.3f} (at least {least})"
    for name, most in CEILINGS.items():
        if figures[name] > most:
            yield f"{name} {figures[name]:.3f} (at most {most})"
