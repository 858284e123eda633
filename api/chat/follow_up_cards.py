"""What a message that only makes sense after the last one leads to: keys of cards, or of a page of the menu."""

from datetime import date

from api.chat.dialogue.state import Chat
from content.follow_up import FollowUp, FollowUps
from content.pack import Pack
from content.signoff import SignOff
from content.situations import ROOT

# A general question finds the card of the subject, else the one about records as a whole, or what it is mostly about.
GENERAL = "record"
_MOSTLY_ABOUT = {"complain": "complaint", "shows": "dbs"}
# Where no card answers the one question, the other is what a child means by it.
_ALSO = {"who-sees": "who-told", "who-told": "who-sees"}
_PLACES = {"first": 0, "second": 1, "third": 2, "last": -1}
_ANYONE = "who-gets-told"


def leads(found: FollowUp, chat: Chat, pack: Pack, today: date, follow_ups: FollowUps) -> tuple[str, ...] | None:
    """The keys that answer it, likeliest first; empty when nothing does; None when there is nothing it could follow."""
    if found.way == "situation":
        return (f"{ROOT}/{found.value}",) if chat.subject or chat.situation else None
    if found.way == "pick":
        return _picked(found.value, chat)
    if chat.subject is None:
        return None
    if found.way == "asks":
        return _general(found.value, chat.subject, pack, today)
    return _same_for(found, _asked(chat, pack, today), pack, today, follow_ups)


def _general(asks: str, subject: str, pack: Pack, today: date) -> tuple[str, ...]:
    general = _MOSTLY_ABOUT.get(asks, GENERAL)
    wanted = [(about, ask) for ask in (asks, _ALSO.get(asks, asks)) for about in (subject, general)]
    key = next(filter(None, (pack.find(about, ask, today) for about, ask in wanted)), None)
    return (key,) if key else ()


def _same_for(
    found: FollowUp, last: SignOff | None, pack: Pack, today: date, follow_ups: FollowUps
) -> tuple[str, ...] | None:
    """The last question about another subject, else about another person, else whatever is known of the subject."""
    asks = last.words.asks if last else "what"
    key = pack.find(found.subject, asks, today) if found.subject else None
    if key is None and found.person:
        key = follow_ups.card_for(found.person, asks) or _ANYONE
    if key:
        return (key,)
    return tuple(
        key for key, card in pack.live(today).items() if card.words.kind == "card" and card.words.about == found.subject
    )


def _asked(chat: Chat, pack: Pack, today: date) -> SignOff | None:
    """The last card about the law that was shown."""
    found = (pack.card(turn.card, today) for turn in reversed(chat.shown))
    return next((card for card in found if card and card.words.kind == "card"), None)


def _picked(which: str, chat: Chat) -> tuple[str, ...] | None:
    """The button that a child means: by its place, or those that were not opened yet."""
    last = chat.last
    if last is None or last.alarm or not last.near:
        return None
    if which == "other":
        before = chat.shown[-2] if len(chat.shown) > 1 else last
        offered = before.near if last.card in before.near else last.near
        return tuple(key for key in offered if key != last.card)
    place = _PLACES[which]
    return last.near[place : place + 1 or None]
