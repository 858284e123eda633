"""What answers on paper show: each card's signed words, who signed them, and the way back to the live card."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accessibility.symbols import symbols
from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.sheets.qr_code import Scan, scan
from api.chat.sheets.sheet_request import INKS, LOOKS, SheetRequest
from content.language import Language
from content.pack import Pack
from content.signed_words import SignedVersion
from content.signoff import NATIONAL, SignOff

MOST = 30
"""The most cards that one print holds."""


@dataclass(frozen=True)
class Sheet:
    """One card on paper. `national` says that the reader's own police have not checked these words."""

    signed: SignOff
    version: SignedVersion
    language: Language
    national: bool
    scan: Scan


def sheet_view(chat_door: ChatDoor, slug: str | None, asked: SheetRequest) -> dict[str, Any]:
    """The cards asked for, in their order. What is no live card is left out, and the signed words for that stand there.

    `cards` are the keys of cards among those asked for, for links to the same print; nothing else goes into one.
    """
    pack, today = chat_door.pack(slug), chat_door.pack_cache.today()
    some = asked.cards[:MOST]
    sheets = list(_sheets(chat_door, slug, asked, pack))
    left_out = len(some) - len(sheets)
    checked = pack.card("being-checked", today) or pack.card("not-sure", today)
    return {
        "force": chat_door.force(slug),
        "slug": slug or ANY,
        "sheets": sheets,
        "left_out": left_out,
        "checked": checked if left_out else None,
        "more": len(asked.cards) > MOST,
        "cards": ",".join(key for key in some if key in pack.signed()),
        "level": asked.level,
        "look": asked.look,
        "looks": LOOKS,
        "ink": asked.ink,
        "inks": INKS,
        "alone": asked.alone,
        "symbols": symbols(),
        "today": today,
    }


def _sheets(chat_door: ChatDoor, slug: str | None, asked: SheetRequest, pack: Pack) -> Iterator[Sheet]:
    today, joined = chat_door.pack_cache.today(), pack.joined(chat_door.pack_cache.today())
    for key in asked.cards[:MOST]:
        signed = pack.card(key, today)
        if signed and signed.words.kind == "card":
            yield Sheet(
                signed,
                signed.words.levels[asked.level],
                signed.words.language,
                signed.layer == NATIONAL and not joined,
                scan(f"{chat_door.settings.public_url}/{slug or ANY}?card={key}"),
            )
