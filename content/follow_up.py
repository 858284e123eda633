"""Hears general follow-up questions ("how long for?"), which only make sense about the subject we were on."""

import re
import unicodedata
from pathlib import Path

import yaml

FOLLOW_UPS = Path(__file__).with_name("talk") / "follow-ups.yml"
_STANDS_FOR = {
    "(it)": r"(?:it|that|this|them|these|those|dat|tht)",
    "(they)": r"(?:they|the police|police|he|she|dey|the feds|feds)",
    "(see)": r"(?:see|c|look at|read|watch|view|hear)",
    "(delete)": r"(?:delete|remove|erase|wipe|get rid of|bin|take off|take down|destroy)",
}
_LONGEST = 80


class FollowUps:
    """The patterns of general questions, by what they ask."""

    def __init__(self, path: Path = FOLLOW_UPS) -> None:
        lines: dict[str, list[str]] = yaml.safe_load(path.read_text("utf-8"))
        self._asks = [(asks, _pattern(line)) for asks, patterns in lines.items() for line in patterns]

    def asks(self, text: str) -> str | None:
        """What a general question asks (how-long, who-sees ...); None when the message is not one."""
        if len(text) > _LONGEST:
            return None
        words = _bare(text)
        return next((asks for asks, pattern in self._asks if pattern.fullmatch(words)), None)


def _pattern(line: str) -> re.Pattern[str]:
    for sign, words in _STANDS_FOR.items():
        line = line.replace(sign, words)
    return re.compile(f"(?:and |but |so |ok |okay )?(?:{line})(?: pls| please| tho| then)?")


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "").replace("'", "")
    return " ".join(re.findall(r"[^\W_]+", folded))
