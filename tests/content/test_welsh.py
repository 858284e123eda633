"""Welsh beside English: what is refused, what falls back, what must be signed again, and no draft is ever shown."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
import yaml

from accessibility.rule_finding import LEVELS
from accessibility.yaml_text import read_yaml
from api.records import ledger
from api.web.database import Database
from api.web.page_state import asked
from content.card import HOUSE_KEYS, BrokenCard, Card
from content.glossary import load_glossary
from content.helplines import load_helplines
from content.interface import INTERFACE, WHOLE, BrokenInterface, load_interface, vet_interface
from content.pack import Pack, Packs
from content.rendering import Renderer
from content.signed_words import SignedWords
from content.signoff import NATIONAL, NotSigned, Signer, SignOff, sign
from content.translation import WELSH, Translation, load_translations, mark, read_translation, vet_translations
from content.welsh_check import check_welsh
from tests.conftest import settings_for, started
from tests.doors import doors
from tests.json_child import Child

TODAY = date.today()
CYMRAEG = {"Accept-Language": "cy-GB,cy;q=0.9,en;q=0.5"}
KEY = "what-is-this"
ROOT = Path(__file__).parents[2]
MONTHS = ["Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin", "Gorffennaf", "Awst", "Medi", "Hydref"]
MONTHS += ["Tachwedd", "Rhagfyr"]


def signed(words: SignedWords, *, layer: str = NATIONAL, days: int = 90, key: str = KEY) -> SignOff:
    """Words signed today by invented people."""
    return sign(
        layer,
        key,
        words,
        written_by=["W"],
        reviewed_by="R",
        signer=Signer("S", "the lead (invented)"),
        signed_on=TODAY,
        review_by=TODAY + timedelta(days=days),
        practice=True,
    )


def welsh_of(card: Card) -> Translation:
    """Words that stand for a finished translation: bubble for bubble, with the same slots."""
    levels = {
        level: replace(
            version,
            question="Beth yw hyn?",
            label="Beth yw hyn",
            bubbles=tuple(replace(bubble, text=f"Cymraeg. {bubble.text}") for bubble in version.bubbles),
        )
        for level, version in card.levels.items()
    }
    return Translation(card.key, "cy", draft=False, english=mark(card), levels=levels, path=WELSH / f"{card.key}.md")


@pytest.fixture(scope="module")
def card(cards: dict[str, Card]) -> Card:
    return cards[KEY]


@pytest.fixture(scope="module")
def ready(card: Card) -> Translation:
    """The Welsh of a card as it will be once somebody has read it, whatever the English says today."""
    return welsh_of(card)


@pytest.fixture(scope="module")
def english(renderer: Renderer, card: Card) -> SignedWords:
    return renderer.words(card, {})


@pytest.fixture(scope="module")
def welsh(renderer: Renderer, card: Card, ready: Translation) -> SignedWords:
    return renderer.translated(card, ready, {})


# What a browser asks for


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("cy", "cy"),
        ("cy-GB,cy;q=0.9,en;q=0.5", "cy"),
        ("CY-gb", "cy"),
        ("en-GB,en;q=0.9,cy;q=0.8", "en"),
        ("en;q=0.3, cy;q=0.7", "cy"),
        ("cy, en", "en"),
        ("cy;q=0", "en"),
        ("fr,de;q=0.9", "en"),
        ("*", "en"),
        ("cyr", "en"),
        ("cy;q=much", "en"),
        (",;=,q=1;;cy;level=1", "en"),
    ],
)
def test_a_browser_is_given_the_language_it_likes_best_of_ours(header: str, language: str) -> None:
    assert asked(header) == language


# The interface strings


def interface(folder: Path, change: Callable[[dict], object] = lambda raw: None) -> Path:  # noqa: ARG005
    """A folder with this release's English, and its Welsh brought up to date, signed, and then changed."""
    english = load_interface("en")
    raw = read_yaml((INTERFACE / "cy.yml").read_text("utf-8"))
    raw = {name: {"en": english[name], "cy": raw[name]["cy"]} for name in english if name in raw}
    raw |= {"draft": False, "signed_by": "the reviewer (invented)", "signed_on": TODAY}
    change(raw)
    (folder / "en.yml").write_text((INTERFACE / "en.yml").read_text("utf-8"), "utf-8")
    (folder / "cy.yml").write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return folder


def test_a_draft_gives_english_alone(tmp_path: Path) -> None:
    given = load_interface("cy", interface(tmp_path, lambda raw: raw.update(draft=True)))
    assert given == load_interface("en")
    assert given.language == "en"
    assert {given.language_of(name) for name in given} == {"en"}


def test_the_strings_of_this_release_can_be_used_and_what_is_behind_is_told(tmp_path: Path) -> None:
    """A string that is new or changed in English breaks nothing: who wrote it may know no Welsh."""
    assert "interface strings" in next(vet_interface("cy"))
    folder = interface(tmp_path, lambda raw: raw.pop("leave"))
    assert any('"leave" is not translated' in line for line in vet_interface("cy", folder))


def test_signed_strings_are_welsh_and_each_missing_one_falls_back_alone(tmp_path: Path) -> None:
    given = load_interface("cy", interface(tmp_path, lambda raw: raw.pop("leave")))
    assert (given["ask"], given.language_of("ask")) == ("Gofyn", "cy")
    assert (given["leave"], given.language_of("leave")) == ("Leave quickly", "en")
    assert given.say("talk_heading", force="Gwent Police") == "Gwent Police a dy wybodaeth di"
    assert given.keys() == load_interface("en").keys()
    with pytest.raises(KeyError):
        given.say("nothing_of_the_kind")


def test_a_string_whose_english_has_changed_since_is_english(tmp_path: Path) -> None:
    folder = interface(tmp_path, lambda raw: raw["strip_computer"].update(en="Nobody can see this chat."))
    given = load_interface("cy", folder)
    assert given["strip_computer"] == "Only a computer can see this chat. The police cannot."
    assert given.language_of("strip_computer") == "en"
    assert any('"strip_computer"' in line and "translate it again" in line for line in vet_interface("cy", folder))


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_without_a_string_that_cannot_be_marked_the_page_stays_english(tmp_path: Path, name: str) -> None:
    assert load_interface("cy", interface(tmp_path, lambda raw: raw.pop(name))) == load_interface("en")


def test_templates_say_without_a_mark_only_what_must_be_whole() -> None:
    text = "".join(path.read_text("utf-8") for path in ROOT.glob("api/*/components/**/*.html"))
    # The title of a page is marked by the lang attribute of its own element.
    named, spelt_out = re.findall(r'\bbare\(("?)(\w+)', text), {"page_title"}
    for quoted, name in named:
        # What the row's macro is given, and the two kinds of film.
        by_name = [one for one in WHOLE if one.startswith({"why": "row_", "video_": "video_"}.get(name, "?"))]
        assert name in WHOLE | {"page_title"} if quoted and name != "video_" else by_name, name
        spelt_out |= {name, *by_name}
    assert spelt_out >= WHOLE
    assert not re.findall(r'="[^"]*\{\{ (?:say|known|marked)\(', text)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda raw: raw.update(leaf=raw["leave"]), '"leaf" is not in en.yml'),
        (lambda raw: raw.update(leave="Gadael"), '"leave" needs two lines'),
        (lambda raw: raw["leave"].update(fr="Quitter"), '"leave" needs two lines'),
        (lambda raw: raw["leave"].pop("en"), '"leave" needs two lines'),
        (lambda raw: raw["leave"].update(cy=" "), '"leave" has an empty line'),
        (lambda raw: raw["leave"].update(cy=3), '"leave" has an empty line'),
        (lambda raw: raw["talk_heading"].update(cy="Dy wybodaeth di"), "same {blanks}"),
        (lambda raw: raw["talk_heading"].update(cy="{heddlu} a ti"), "same {blanks}"),
        (lambda raw: raw["signed"].update(cy="{post} {post} {date}"), "same {blanks}"),
        (lambda raw: raw["leave"].update(cy="Gadael {"), "brace"),
        (lambda raw: raw.pop("draft"), "draft: true"),
        (lambda raw: raw.update(draft="no"), "draft: true"),
        (lambda raw: raw.pop("signed_by"), "needs signed_by"),
        (lambda raw: raw.update(signed_by=" "), "needs signed_by"),
        (lambda raw: raw.update(signed_on="soon"), "needs signed_by"),
    ],
)
def test_a_broken_file_of_strings_is_refused(tmp_path: Path, change: Callable[[dict], object], told: str) -> None:
    folder = interface(tmp_path, change)
    with pytest.raises(BrokenInterface, match=re.escape(told)) as refused:
        load_interface("cy", folder)
    assert str(folder / "cy.yml") in str(refused.value)
    with pytest.raises(BrokenInterface):
        list(vet_interface("cy", folder))


def test_a_file_that_is_no_yaml_is_refused_with_its_name(tmp_path: Path) -> None:
    (interface(tmp_path) / "cy.yml").write_text("draft: [", "utf-8")
    with pytest.raises(BrokenInterface, match=r"cy\.yml: not valid YAML"):
        load_interface("cy", tmp_path)


# The card files


def test_every_house_card_is_translated_and_no_draft_can_be_signed(cards: dict[str, Card], renderer: Renderer) -> None:
    found = load_translations(cards)
    assert set(HOUSE_KEYS) <= set(found)
    for translation in found.values():
        texts = renderer.fill_translation(translation)
        assert all("{{" not in text and text.strip() for level in LEVELS for text in texts[level])
        with pytest.raises(NotSigned, match="a draft"):
            renderer.translated(cards[translation.key], replace(translation, draft=True), {})
    drafted = sum(translation.draft for translation in found.values())
    assert next(check_welsh(cards, renderer)) == next(vet_translations(cards, found))
    assert (
        next(vet_translations(cards, found)) == f"{len(found)} Welsh cards, {drafted} of them drafts that no child sees"
    )


def test_a_card_with_another_word_has_another_mark(cards: dict[str, Card]) -> None:
    for card in cards.values():
        assert mark(card).startswith("en-")
        version = card.version("easy")
        changed = replace(card, levels={**card.levels, "easy": replace(version, label=version.label + "!")})
        assert mark(changed) != mark(card)


def written(folder: Path, card: Card, change: Callable[[str], str], key: str = KEY) -> Path:
    """A folder with the Welsh of one card, up to date, with a change in it."""
    questions = "".join(f"  {level}: Beth yw hyn?\n" for level in LEVELS)
    text = f"---\nkey: {KEY}\ndraft: true\nenglish: {mark(card)}\nquestion:\n{questions}label: Beth yw hyn\n---\n"
    for level, version in welsh_of(card).levels.items():
        text += f"\n# {level}\n\n" + "\n\n".join(bubble.text for bubble in version.bubbles) + "\n"
    changed = change(text)
    assert changed != text
    (folder / f"{key}.md").write_text(changed, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("draft: true", "drafted: true"), 'unknown field "drafted"'),
        (lambda text: text.replace("draft: true", "near: [not-sure]\ndraft: true"), 'unknown field "near"'),
        (lambda text: text.replace("draft: true\n", ""), "say draft: true"),
        (lambda text: text.replace("draft: true", "draft: perhaps"), "say draft: true"),
        (lambda text: re.sub(r"english: .*\n", "", text), 'no "english"'),
        (lambda text: text.replace(f"key: {KEY}", "key: not-sure"), "they must match"),
        (lambda text: text.replace("  easy: Beth yw hyn?\n", ""), "lacks a level"),
        (lambda text: text.replace("label: Beth yw hyn", "label: 3"), "label is missing"),
        (lambda text: text.replace("easy: Beth yw hyn?", "easy: 3"), "label is empty, or no text, at easy"),
        (lambda text: text[: text.index("# easy")], 'no bubbles under "# easy"'),
        (lambda text: text.replace("# simple", "# syml"), '"# syml" is not a level'),
        (lambda text: text.replace("# easy", "Un arall.\n\n# easy"), "bubbles under # simple, but the English has"),
        (lambda text: " ".join(text.rsplit("\n\n", 1)), "bubbles under # easy, but the English has"),
        (lambda text: text.replace("{{ help.emergency }}", "{{ help.argyfwng }}"), "slots"),
        (lambda text: text.replace("{{ help.emergency }}", "{{ help.childline }}"), "slots"),
        (lambda text: text.replace("{{ help.emergency }}", "gofynna i oedolyn"), "slots"),
        (lambda text: text.replace("{{ help.emergency }}", "ffonia 999"), "slots"),
        (lambda text: text.replace("Cymraeg.", "Cymraeg. {{ local.bodycam_days }}"), "local."),
        (lambda text: text.replace("Cymraeg.", "Cymraeg 112."), "figures"),
        (lambda text: text.replace("Cymraeg.", "> Cymraeg."), "words of the law"),
        (lambda text: text.replace("Cymraeg.", "Cymraeg.\n{: symbol=chat }"), "take out the {"),
        (lambda text: text + "{: symbol=chat }\n", "take out the {"),
        (lambda text: text.replace("---\nkey", "key"), "front matter between two lines"),
    ],
)
def test_a_broken_card_is_refused(tmp_path: Path, card: Card, change: Callable[[str], str], told: str) -> None:
    with pytest.raises(BrokenCard, match=re.escape(told)) as refused:
        load_translations({KEY: card}, written(tmp_path, card, change))
    assert f"{tmp_path / KEY}.md:" in str(refused.value)


def test_a_welsh_card_of_no_card_is_refused(tmp_path: Path, card: Card) -> None:
    folder = written(tmp_path, card, lambda text: text.replace(KEY, "lost-card"), key="lost-card")
    with pytest.raises(BrokenCard, match='no card "lost-card"'):
        load_translations({KEY: card}, folder)


def test_a_card_behind_its_english_is_told_of_and_cannot_be_signed(
    tmp_path: Path, card: Card, renderer: Renderer
) -> None:
    """It does not stop the English: whoever changes an English card may know no Welsh."""
    version = card.version("easy")
    changed = replace(card, levels={**card.levels, "easy": replace(version, bubbles=version.bubbles[:-1])})
    folder = written(tmp_path, card, lambda text: text.replace("draft: true", "draft: false"))
    found = load_translations({KEY: changed}, folder)
    _, told = vet_translations({KEY: changed}, found)
    assert "the English has changed" in told
    assert mark(changed) in told
    with pytest.raises(NotSigned, match="the English has changed"):
        renderer.translated(changed, found[KEY], {})


def test_a_helpline_without_welsh_words_is_refused_by_name(card: Card, ready: Translation) -> None:
    lines = {key: replace(line, show_cy=None) for key, line in load_helplines().items()}
    renderer = Renderer(load_glossary(), lines, {})
    with pytest.raises(BrokenCard, match="emergency"):
        renderer.translated(card, ready, {})


def test_every_helpline_may_be_named_in_welsh_by_the_same_number(tmp_path: Path) -> None:
    assert all(line.shown("cy") for line in load_helplines().values())
    raw = read_yaml((ROOT / "content" / "helplines.yml").read_text("utf-8"))
    raw["childline"]["show_cy"] = "ffonio Childline ar 0800 1112"
    (tmp_path / "lines.yml").write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    with pytest.raises(ValueError, match='"childline" has other figures'):
        load_helplines(tmp_path / "lines.yml")


# The signed words


def test_welsh_words_have_welsh_slots_and_say_which_english_they_are(english: SignedWords, welsh: SignedWords) -> None:
    assert (welsh.language, welsh.of) == ("cy", english.fingerprint)
    assert "ffonia 999" in welsh.levels["easy"].bubbles[-1].text
    assert "call 999" in english.levels["easy"].bubbles[-1].text
    for level in LEVELS:
        theirs, ours = english.levels[level].bubbles, welsh.levels[level].bubbles
        assert [bubble.symbol for bubble in ours] == [bubble.symbol for bubble in theirs]
        assert all(not bubble.meanings for bubble in ours), "the glossary is English"
    assert SignedWords.from_json(welsh.as_json()) == welsh


def test_english_keeps_its_form_and_so_its_fingerprint(english: SignedWords) -> None:
    """Everything signed before there were languages stays signed."""
    fields = {"kind", "about", "asks", "situations", "near", "sources", "levels"}
    assert set(json.loads(english.as_json())) == fields
    assert SignedWords.from_json(english.as_json()) == english
    assert english.fingerprint == hashlib.sha256(english.as_json().encode()).hexdigest()


def test_a_release_without_languages_cannot_take_welsh_for_english(welsh: SignedWords) -> None:
    assert set(json.loads(welsh.as_json())) == {"language", "of", "words"}


@pytest.mark.parametrize("about", [{"language": "fr"}, {"of": ""}, {"language": "en"}])
def test_words_in_no_language_of_ours_cannot_be_read(welsh: SignedWords, about: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no language of this release"):
        SignedWords.from_json(json.dumps(json.loads(welsh.as_json()) | about))


def test_each_language_is_signed_by_its_own_fingerprint(
    renderer: Renderer, card: Card, ready: Translation, welsh: SignedWords, english: SignedWords
) -> None:
    version = replace(ready.levels["easy"], question="Beth ydy hyn?")
    changed = renderer.translated(card, replace(ready, levels={**ready.levels, "easy": version}), {})
    assert changed.fingerprint != welsh.fingerprint
    assert changed.of == welsh.of == english.fingerprint


# The Pack


def packs(*signoffs: SignOff) -> tuple[Pack, Pack]:
    """What a child of Gwent sees, in English and in Welsh."""
    found = Packs(signoffs)
    return found.of("gwent"), found.of("gwent", "cy")


def language(pack: Pack, day: date = TODAY) -> str | None:
    """The language in which the card is shown."""
    shown = pack.card(KEY, day)
    listed = pack.live(day).get(KEY)
    assert shown == listed
    return shown.words.language if shown else None


def test_signed_welsh_is_for_those_who_ask(english: SignedWords, welsh: SignedWords) -> None:
    en, cy = packs(signed(english), signed(welsh))
    assert (language(en), language(cy)) == ("en", "cy")
    assert cy.signed()[KEY].words == english
    assert Packs([signed(english), signed(welsh)]).of(None, "cy").general.card(KEY, TODAY)
    assert language(Packs([signed(english), signed(welsh)]).of(None, "cy").general) == "cy"


def test_without_signed_welsh_there_is_english(english: SignedWords, welsh: SignedWords) -> None:
    assert [language(pack) for pack in packs(signed(english))] == ["en", "en"]
    assert [language(pack) for pack in packs(signed(welsh))] == [None, None]


def test_a_change_of_the_english_takes_the_welsh_away_until_it_is_signed_again(
    english: SignedWords, welsh: SignedWords
) -> None:
    changed = replace(english, near=())
    before = [signed(english), signed(welsh), signed(changed)]
    assert [language(pack) for pack in packs(*before)] == ["en", "en"]
    again = signed(replace(welsh, of=changed.fingerprint))
    assert [language(pack) for pack in packs(*before, again)] == ["en", "cy"]


def test_welsh_past_its_date_is_english_and_english_past_its_date_is_nothing(
    english: SignedWords, welsh: SignedWords
) -> None:
    later = TODAY + timedelta(days=30)
    _, cy = packs(signed(english), signed(welsh, days=20))
    assert (language(cy), language(cy, later)) == ("cy", "en")
    answer = replace(english, kind="card")
    _, cy = packs(signed(answer, days=20), signed(replace(welsh, of=answer.fingerprint)))
    assert language(cy, later) is None
    assert cy.overdue(KEY, later)


def test_a_house_card_past_its_date_stays_in_welsh_where_its_english_is_past_it_too(
    english: SignedWords, welsh: SignedWords
) -> None:
    later = TODAY + timedelta(days=30)
    _, cy = packs(signed(english, days=20), signed(welsh))
    assert language(cy, later) == "cy"
    _, cy = packs(signed(english, days=20), signed(welsh, days=20))
    assert language(cy, later) == "cy"


def test_a_force_that_signed_its_own_words_signs_its_own_welsh(english: SignedWords, welsh: SignedWords) -> None:
    own = replace(english, asks="own")
    layers = [signed(english), signed(welsh), signed(own, layer="gwent")]
    assert language(packs(*layers)[1]) == "en"
    assert language(packs(*layers, signed(replace(welsh, of=own.fingerprint)))[1]) == "en", "signed for another layer"
    theirs = signed(replace(welsh, of=own.fingerprint), layer="gwent")
    assert language(packs(*layers, theirs)[1]) == "cy"
    # Elsewhere the national words stand.
    assert language(Packs([*layers, theirs]).of("kent", "cy")) == "cy"


async def test_the_ledger_keeps_both_languages_on_both_databases(
    database_url: str, english: SignedWords, welsh: SignedWords
) -> None:
    database = Database(settings_for(database_url))
    session = database._sessions()
    await ledger.add(session, signed(english, layer="gwent"))
    row = await ledger.add(session, signed(welsh, layer="gwent"))
    found = await ledger.signoffs(session, practice=True)
    await session.rollback()
    await session.close()
    await database.close()
    assert row.whole()
    assert [language(pack) for pack in packs(*found)] == ["en", "cy"]


# What a child is sent


def drafts() -> set[str]:
    """Every Welsh sentence of the files that are drafts: nothing that is sent may hold one."""
    strings = read_yaml((INTERFACE / "cy.yml").read_text("utf-8"))
    pairs = [pair for pair in strings.values() if isinstance(pair, dict)]
    found = {pair["cy"].split("{")[0] for pair in pairs if strings["draft"] and pair["cy"] != pair["en"]}
    cards = [translation for path in WELSH.glob("*.md") if (translation := read_translation(path)).draft]
    for translation in cards:
        for version in translation.levels.values():
            lines = [line for bubble in version.bubbles for line in bubble.text.splitlines()]
            found |= {version.question, version.label, *(line.split("{{")[0].strip(" -") for line in lines)}
    return {text for text in found if len(text.split()) > 1}


async def everything(client: httpx.AsyncClient) -> list[str]:
    """What every kind of page, answer and error sends to a child who asks for Welsh."""
    pages = [
        "/",
        "/?unknown=1",
        "/safety",
        "/credits",
        "/nothing-here",
        "/gwent",
        "/england-and-wales",
        "/police-scotland",
    ]
    sent = [(await client.get(path)).text for path in pages]
    for text in ("i want to kill myself", "diolch", " "):
        sent += [
            (await client.post("/gwent/say", data={"text": text}, headers=more)).text
            for more in ({}, {"X-Fragment": "1"})
        ]
    child = Child(client)
    sent.append(str(await child.start("gwent")))
    for key in ("talk-to-a-person", "what-is-this", "menu"):
        sent.append((await client.post("/api/v1/chats/say", json={"chat": child.token, "card": key})).text)
    for level in LEVELS:
        sent.append((await client.get(f"/api/v1/forces/gwent/cards?level={level}")).text)
        for key in (path.stem for path in WELSH.glob("*.md")):
            sent.append((await client.get(f"/api/v1/forces/gwent/cards/{key}?level={level}")).text)
    return sent


async def test_no_draft_is_in_anything_a_child_is_sent(client: httpx.AsyncClient) -> None:
    client.headers.update(CYMRAEG)
    sent = [text.replace("&#39;", "'") for text in await everything(client)]
    forbidden = drafts()
    for text in sent:
        assert [draft for draft in forbidden if draft in text] == []


@pytest.mark.skipif(load_interface("cy").language == "cy", reason="the Welsh strings are signed")
async def test_a_child_who_asks_for_welsh_today_gets_the_whole_page_in_english(client: httpx.AsyncClient) -> None:
    for path in ("/", "/safety", "/credits", "/nothing-here", "/gwent?level=easy"):
        plain, asking = await client.get(path), await client.get(path, headers=CYMRAEG)
        token = re.compile(r'(?:value|data-token)="[\w.-]{40,}"|\bvisit(=|" value=")[\w-]{8}')
        assert token.sub("", asking.text) == token.sub("", plain.text)
        assert '<html lang="en-GB">' in asking.text
        assert 'lang="cy"' not in asking.text


async def test_signed_strings_are_shown_in_welsh_and_the_rest_is_marked_as_english(
    sqlite_url: str, tmp_path: Path
) -> None:
    app = started(settings_for(sqlite_url))
    strings = load_interface("cy", interface(tmp_path, lambda raw: (raw.pop("leave"), raw.pop("menu_hurt"))))
    doors(app.app).chat.pages.interfaces["cy"] = strings
    async with app as client:
        page = (await client.get("/gwent", headers=CYMRAEG)).text.replace("&#39;", "'")
        for_others = (await client.get("/gwent")).text
        answer = await client.post("/gwent/say", data={"card": "bodycam"}, headers=CYMRAEG, follow_redirects=True)
        lost = await client.get("/nothing-here", headers=CYMRAEG)
    assert '<html lang="cy">' in page
    assert "Dim ond cyfrifiadur sy'n gallu gweld y sgwrs hon." in page
    assert '<button class="leave"><span lang="en">Leave quickly</span></button>' in page
    assert '<span lang="en">Hurt or scared</span></button>' in page
    assert "Yr heddlu neu'r ysgol</button>" in page
    assert '<div class="bubbles" lang="en">' in page
    assert re.search(r'<h3 [^>]*><span class="unseen">Ateb: </span><span lang="en">What is this\?</span></h3>', page)
    assert f"Dyddiad: {TODAY.day} {MONTHS[TODAY.month - 1]} {TODAY.year}." in page
    assert '<ul lang="en">' in answer.text
    assert re.search(r'<button class="choice" name="card" value="[a-z-]+" lang="en">', answer.text)
    assert '<html lang="cy">' in lost.text
    assert '<html lang="en-GB">' in for_others
    assert 'lang="cy"' not in for_others
    assert 'lang="en"' not in for_others
