"""Invites a person to the desk or the console: a link that works once, and a letter with it where there is mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.records import letters
from api.records.accounts import Account
from api.records.invitations import invite
from api.records.roles import is_providers
from api.web.settings import Settings

_DESK = """You are invited to the desk of In the Know, as {post}. There the words that young people read about their
information and the police are written, reviewed and signed."""
_CONSOLE = """You are invited to the console of In the Know, as {post}. There you answer young people who ask for a
person. They see your name as this letter has it, and that you are not police."""
_BODY = """Hello {name},

{why}

Open this link to choose how you sign in. It works once:

{link}

If you did not expect this letter, do nothing.
"""


@dataclass(frozen=True)
class Invited:
    """Somebody was invited. `path` is the link that works once, for after the address of the site; kept nowhere.

    `lettered` is True when a letter with the link is on its way.
    """

    name: str
    path: str
    lettered: bool


async def welcome(session: AsyncSession, account: Account, chosen: Settings, now: datetime) -> Invited:
    """Makes a person's link, and writes the letter where there is a mail server."""
    path = f"/desk/invitation/{await invite(session, account, now)}"
    if chosen.smtp_url:
        why = (_CONSOLE if is_providers(account.layer) else _DESK).format(post=account.post)
        body = _BODY.format(name=account.name, why=why, link=f"{chosen.public_url}{path}")
        subject = f"Your invitation to the {'console' if is_providers(account.layer) else 'desk'} of In the Know"
        await letters.post(session, layer=account.layer, email=account.email, subject=subject, body=body, now=now)
    return Invited(account.name, path, lettered=chosen.smtp_url is not None)
