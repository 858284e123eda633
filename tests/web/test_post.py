"""The post: a letter arrives as it was written, over an encrypted line, and nobody can add a header or a reader."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.mail import MailServer, NotPosted
from api.web.settings import Settings
from tests.conftest import LIVE_SECRET
from tests.mail import (
    SENDER,
    SERVER,
    OnlyThisPassword,
    catching,
    certificate,
)

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
LINK = "https://know.example/desk/invitation/zebrafish-marmalade"
HEADERS = [
    *("From", "To", "Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    *("Date", "Message-ID", "Auto-Submitted"),
]


async def test_a_letter_arrives_word_for_word_as_plain_text_that_says_a_machine_wrote_it() -> None:
    body = f"Dear Zoë,\n.\n..a line that begins with dots\n{'long ' * 400}\n🦓 {LINK}\n"
    with catching() as catcher:
        await catcher.server.send("zoe@northmoor.example", "Zoë: croeso, 12 o’r gloch", body, "7.1", AT)
    letter, envelope = catcher.caught[0], catcher.envelopes[0]
    assert letter.get_content().replace("\r\n", "\n") == body
    assert (letter.get_content_type(), letter.get_content_charset()) == ("text/plain", "utf-8")
    assert letter["subject"] == "Zoë: croeso, 12 o’r gloch"
    assert letter["date"].datetime == AT
    assert letter["auto-submitted"] == "auto-generated"
    assert letter["message-id"] == "<letter.7.1@know.example>"
    assert (letter["to"], letter["from"]) == ("zoe@northmoor.example", "In the Know <desk@know.example>")
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, ["zoe@northmoor.example"])
    assert sorted(letter.keys()) == sorted(HEADERS)


async def test_in_practice_every_letter_says_so() -> None:
    written = replace(SERVER, practice=True).written("a@b.example", "Hello", "Words", "1", AT)
    assert "practice version" in written.get_content()
    assert "practice" not in SERVER.written("a@b.example", "Hello", "Words", "1", AT).get_content()


NEW_LINES = [
    "=?utf-8?q?=0d=0aBcc:_victim@b.example?=",
    "=?utf-8?b?DQpCY2M6IHZpY3RpbUBiLmV4YW1wbGU=?=",
    "Hello =?utf-8?q?=0a?= there",
    "Hello\r\nBcc: victim@b.example",
    "=?utf-8?q?=00?=",
]


@pytest.mark.parametrize("subject", NEW_LINES)
def test_a_subject_with_a_new_line_is_refused_however_it_is_written(subject: str) -> None:
    with pytest.raises(NotPosted):
        SERVER.written("a@b.example", subject, "Words", "1", AT)


ENCODED = st.binary(max_size=12).map(lambda some: f"=?utf-8?q?{''.join(f'={one:02x}' for one in some)}?=")


@given(
    subject=st.text() | ENCODED | st.tuples(st.text(), ENCODED).map("".join),
    email=st.text() | st.text().map(lambda more: f"a@b.example{more}"),
)
def test_nobody_can_add_a_header_or_a_reader(subject: str, email: str) -> None:
    try:
        written = SERVER.written(email, subject, "Words", "1", AT)
    except NotPosted:
        return
    head = written.as_bytes().split(b"\r\n\r\n")[0]
    names = [line.split(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert names == HEADERS
    assert len(written["to"].addresses) == 1


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("smtp://u:p%40ss%2F@post.example", ("post.example", 587, "before-anything-is-said", "u", "p@ss/")),
        ("smtp://post.example:25", ("post.example", 25, "before-anything-is-said", None, None)),
        ("smtps://u:p@post.example", ("post.example", 465, "from-the-start", "u", "p")),
        ("smtps://127.0.0.1:2465", ("127.0.0.1", 2465, "from-the-start", None, None)),
        ("smtp://127.0.0.1:2525", ("127.0.0.1", 2525, "none", None, None)),
        ("smtp://[::1]:2525", ("::1", 2525, "none", None, None)),
        (
            "smtp://127.0.0.1.elsewhere.example",
            ("127.0.0.1.elsewhere.example", 587, "before-anything-is-said", None, None),
        ),
    ],
)
def test_only_this_machine_is_spoken_to_without_encryption(url: str, where: tuple[object, ...]) -> None:
    server = MailServer.of(Settings.model_validate({"smtp_url": url, "mail_from": SENDER}))
    assert server
    assert (server.host, server.port, server.sealing, server.user, server.password) == where
    assert "p@ss/" not in repr(server)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"smtp_url": "post.example"}, "KNOW_SMTP_URL"),
        ({"smtp_url": "http://hunter2@post.example"}, "KNOW_SMTP_URL"),
        ({"smtp_url": "smtp://u:hunter2/x@post.example"}, "KNOW_SMTP_URL"),
        ({"smtp_url": "smtp://u:1#hunter2@post.example"}, "KNOW_SMTP_URL"),
        ({"smtp_url": "smtp://u:hunter2@"}, "KNOW_SMTP_URL"),
        ({"smtp_url": "smtp://u:hunter2@post.example", "mail_from": None}, "KNOW_MAIL_FROM"),
        ({"smtp_url": "smtp://u:hunter2@post.example", "mail_from": "Desk <a@b.example>"}, "KNOW_MAIL_FROM"),
        ({"smtp_url": "smtp://u:hunter2@post.example", "mail_from": "a@b.example\n"}, "KNOW_MAIL_FROM"),
        ({"public_url": "know.example"}, "KNOW_PUBLIC_URL"),
        ({"mode": "live", "secret": LIVE_SECRET, "smtp_url": "smtp://post.example"}, "KNOW_PUBLIC_URL"),
    ],
)
def test_settings_that_could_not_send_stop_the_start_and_never_quote_a_password(
    given: dict[str, object], named: str
) -> None:
    with pytest.raises(ValueError, match=named) as refused:
        Settings.model_validate({"mail_from": SENDER, **given})
    assert "hunter2" not in str(refused.value)


def test_an_empty_setting_is_no_mail_server() -> None:
    settings = Settings.model_validate({"smtp_url": "", "public_url": "https://know.example/"})
    assert MailServer.of(settings) is None
    assert settings.public_url == "https://know.example"


async def test_starttls_or_nothing_is_said(tmp_path: Path) -> None:
    serving, trust = certificate(tmp_path)
    sealed = {"sealing": "before-anything-is-said", "user": "desk", "password": "hunter2"}
    with catching() as plain, pytest.raises(NotPosted, match="encrypted line"):
        await replace(plain.server, **sealed).send("a@b.example", "Hello", LINK, "1", AT)
    assert plain.caught == []
    let_in = OnlyThisPassword("desk", "hunter2")
    with catching(tls_context=serving, require_starttls=True, authenticator=let_in, auth_required=True) as catcher:
        with pytest.raises(NotPosted, match="could not prove"):
            await replace(catcher.server, **sealed).send("a@b.example", "Hello", LINK, "1", AT)
        assert catcher.caught == []
        await replace(catcher.server, **sealed, trust=trust).send("a@b.example", "Hello", LINK, "1", AT)
        assert len(catcher.caught) == 1
        wrong = replace(catcher.server, **sealed | {"password": "hunter3"}, trust=trust)
        with pytest.raises(NotPosted, match=r"name and password \(code 535\)") as refused:
            await wrong.send("a@b.example", "Hello", LINK, "1", AT)
    assert "hunter3" not in repr(refused.value)
    assert refused.value.__cause__ is None


async def test_tls_from_the_start(tmp_path: Path) -> None:
    serving, trust = certificate(tmp_path)
    with catching(ssl_context=serving) as catcher:
        sealed = replace(catcher.server, sealing="from-the-start")
        with pytest.raises(NotPosted, match="could not prove"):
            await sealed.send("a@b.example", "Hello", LINK, "1", AT)
        await replace(sealed, trust=trust).send("a@b.example", "Hello", LINK, "1", AT)
    assert len(catcher.caught) == 1
