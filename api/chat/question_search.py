"""What a search for a question found: the likeliest first, made of the reply that the talk would give to the same."""

from collections.abc import Container, Iterable, Mapping

from api.chat.buttons import Reply
from api.chat.dialogue.state import Turn
from api.chat.likeliest_answer import UNSURE
from api.chat.question_list import words_of
from content.nearest import Nearest
from content.signoff import SignOff

MOST_FOUND = 5
_FINDS = ("card", "choices", "not-sure", "bot-away")
_SAID_BESIDE = ("no_names_needed", "only_english")


def found(reply: Reply, text: str, live: Mapping[str, SignOff], nearest: Nearest) -> Turn | None:
    """The questions found, as a turn whose buttons they are; None for what is no search, and is answered in the talk.

    That is danger first of all, and what may be a hint of it; then a feeling, a wish for a person, a place, thanks.
    Its kind says how it was found: `choices` by the bot, `bot-away` by words alone, `not-sure` where the bot knew none
    and these are only near.
    """
    turn = reply.turn
    if turn.alarm or turn.check or turn.feeling or turn.word or turn.kind not in _FINDS:
        return None
    if turn.kind == "card" and turn.card not in live:
        return None
    note = turn.note if turn.note in _SAID_BESIDE else None
    if turn.kind == "bot-away":
        return Turn("bot-away", "bot-away", None, _first(_by_words(text, live, nearest), live), note=note)
    keys = _first(_likely(reply), live)
    if turn.kind != "not-sure" and keys:
        return Turn("choices", "did-you-mean", None, keys, note=note)
    near = (*keys, *_by_words(text, live, nearest), *_read(reply, 0)[:MOST_FOUND])
    return Turn("not-sure", "not-sure", None, _first(near, live), note=note)


def _likely(reply: Reply) -> tuple[str, ...]:
    """What the talk would open or offer, and what else the bot finds likely enough to offer."""
    turn = reply.turn
    opened = (turn.card, turn.second or "") if turn.kind == "card" else ()
    # What stands beside an answer, or where we know none, is the same whatever was asked.
    offered = turn.near if turn.kind == "choices" else ()
    return (*opened, *offered, *_read(reply, UNSURE))


def _read(reply: Reply, least: float) -> tuple[str, ...]:
    """What the bot read in the words alone, from this likely on."""
    return tuple(key for key, share in reply.understood.ranking if share >= least) if reply.understood else ()


def _by_words(text: str, live: Mapping[str, SignOff], nearest: Nearest) -> tuple[str, ...]:
    """By the words in which young people ask the questions, then by those of the questions themselves."""
    return (*nearest.find(text, MOST_FOUND), *Nearest(words_of(live)).find(text, MOST_FOUND))


def _first(keys: Iterable[str], live: Container[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in keys if key in live))[:MOST_FOUND]
