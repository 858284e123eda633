"""My passport: sentences that can be read, and a page that sends nothing."""

import json
import re
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from accessibility.symbols import symbol_ids
from content.glossary import forms, load_glossary
from content.passport import BrokenPassport, PassportSentence, in_the_way, load_passport, passport

SENTENCES = {sentence.id: sentence for sentence in passport().sentences}
GLOSSARY = forms(load_glossary())
FILE = """
understand:
  title: How I understand
  sentences:
    - id: one
      symbol: clock
      says: I need more time.
      help: Wait 10 seconds.
    - id: two
      symbol: clock
      says: I need a break.
      help: Stop for 5 minutes.
"""


class TestSentences:
    def test_there_are_enough_to_say_and_few_enough_to_read(self) -> None:
        assert 20 <= len(SENTENCES) <= 24
        assert len(SENTENCES) == len(passport().sentences)
        assert [len(group.sentences) > 1 for group in passport().groups] == [True] * 6

    @pytest.mark.parametrize("sentence", SENTENCES.values(), ids=list(SENTENCES))
    def test_each_can_be_read_by_the_child_and_the_adult(self, sentence: PassportSentence) -> None:
        assert sentence.symbol in symbol_ids()
        assert in_the_way(sentence, GLOSSARY) == []

    def test_what_cannot_be_read_is_found(self) -> None:
        hard = PassportSentence(
            "hard", "clock", "I don't comprehend terminology when individuals speak too quickly.", "Wait " * 19
        )
        assert len(in_the_way(hard, GLOSSARY)) > 2

    def test_none_names_a_condition_or_a_right(self) -> None:
        all_of_it = " ".join(f"{one.says} {one.help}" for one in SENTENCES.values()).lower()
        found = re.findall(
            r"\b(?:autis\w*|adhd|dyslex\w*|disab\w*|diagnos\w*|my right\w*|the law|legal\w*)\b", all_of_it
        )
        assert found == []

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("id: two", "id: one", "one is there twice"),
            ("symbol: clock", "symbol: unicorn", "unicorn"),
            ("      help: Wait 10 seconds.\n", "", "help"),
            ("title:", "titel:", "title"),
            ("      says: I need", "      sighs: I need", "sighs"),
        ],
    )
    def test_a_broken_file_says_what_to_mend(self, tmp_path: Path, old: str, new: str, told: str) -> None:
        file = tmp_path / "passport.yml"
        file.write_text(FILE, "utf-8")
        assert len(load_passport(file).sentences) == 2
        file.write_text(FILE.replace(old, new, 1), "utf-8")
        with pytest.raises(BrokenPassport, match=told):
            load_passport(file)


class _Fields(HTMLParser):
    """The fields of a page that stand inside `main`: each with its attributes and whether a form is around it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: list[tuple[dict[str, str | None], bool]] = []
        self._main = self._form = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._main |= tag == "main"
        self._form |= tag == "form"
        if self._main and tag in ("input", "textarea", "select"):
            self.fields.append((dict(attrs), self._form))

    def handle_endtag(self, tag: str) -> None:
        self._main &= tag != "main"
        self._form &= tag != "form"


class TestPage:
    async def test_every_sentence_is_there_with_its_picture_and_how_to_help(self, client: httpx.AsyncClient) -> None:
        page = await client.get("/passport")
        assert page.status_code == 200
        for sentence in SENTENCES.values():
            assert f"<span>{sentence.says}</span>" in page.text
            assert sentence.help in page.text
            assert f'src="/pictures/{sentence.symbol}.svg"' in page.text
            assert (await client.get(f"/pictures/{sentence.symbol}.svg")).status_code == 200

    async def test_nothing_on_it_can_be_sent(self, client: httpx.AsyncClient) -> None:
        fields = _Fields((await client.get("/passport")).text).fields
        assert len(fields) == len(SENTENCES) + 2
        for attributes, in_form in fields:
            assert not in_form
            assert "name" not in attributes
            assert "form" not in attributes
            assert attributes["autocomplete"] == "off"

    async def test_the_way_back_leads_to_the_talk_it_came_from(self, client: httpx.AsyncClient) -> None:
        assert ">Back to the chat<" not in (await client.get("/passport")).text
        started = (await client.post("/api/v1/chats", json={"force": "northmoor"})).json()["chat"]
        page = await client.get("/passport", params={"chat": started})
        assert re.search(
            r'<form method="get" action="/northmoor(?:\?[^"]*)?" class="ways">.*?name="chat" value="[^"]+"', page.text
        )
        for broken in ("x", "x" * 9000):
            assert (await client.get("/passport", params={"chat": broken})).status_code == 200

    async def test_it_is_offered_where_a_person_is(self, client: httpx.AsyncClient) -> None:
        talk = await client.post("/northmoor/say", data={"act": "person"}, follow_redirects=True)
        assert 'formaction="/passport"' in talk.text
        assert 'href="/passport' in (await client.get("/")).text

    async def test_a_program_gets_the_sentences_too(self, client: httpx.AsyncClient) -> None:
        groups = (await client.get("/api/v1/passport")).json()
        assert groups == json.loads(json.dumps([asdict(group) for group in passport().groups]))
