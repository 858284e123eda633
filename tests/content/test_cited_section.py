"""The cited section: what counts as a change of a law or a page, and what does not."""

import json

import pytest

from content.card_file import load_cards
from content.cited_section import UnreadableSource, govuk_section, law_section, page_section, provision
from content.cited_sources import cited_sources

LAW = "https://www.legislation.gov.uk/ukpga/2018/12"
XML = """<?xml version="1.0" encoding="utf-8"?>
<Legislation xmlns="http://www.legislation.gov.uk/namespaces/legislation" xmlns:ukm="urn:ukm">
<ukm:Metadata><ukm:Modified>2026-07-01</ukm:Modified></ukm:Metadata>
<Primary><Body><Part id="part-3"><Title>Rights</Title>
<P1group><Title>Right of access</Title><P1 id="section-45"><Pnumber>45</Pnumber><P1para>
<P2 id="section-45-1"><Pnumber>1</Pnumber><Text>A person may ask<CommentaryRef Ref="c1"/> for a copy.</Text></P2>
</P1para></P1></P1group>
<P1group><Title>Right to put right</Title><P1 id="section-46"><Pnumber>46</Pnumber><Text>Mistakes.</Text></P1></P1group>
</Part></Body></Primary>
<Commentaries><Commentary id="c1"><Text>In force at 25.5.2018</Text></Commentary></Commentaries>
</Legislation>"""


def law(xml: str = XML, url: str = f"{LAW}/section/45", place: str = "") -> str:
    return law_section(xml.encode(), url, place).fingerprint


def test_a_section_of_a_law_has_its_heading_and_nothing_of_other_sections_or_notes() -> None:
    section = law_section(XML.encode(), f"{LAW}/section/45", "section 45(1)")
    assert " ".join(section.text.split()) == "Right of access 45 1 A person may ask for a copy."
    assert not section.whole


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("2026-07-01", "2026-11-30", True),
        ("In force at 25.5.2018", "In force at 26.5.2018", True),
        ("Mistakes.", "No mistakes.", True),
        ("<Text>A person", "<Text>\n   A   person", True),
        ("may ask", "may not ask", False),
        ("Right of access", "Right of access: repealed", False),
    ],
)
def test_only_the_words_of_the_section_count(old: str, new: str, same: bool) -> None:
    assert (law() == law(XML.replace(old, new))) is same


@pytest.mark.parametrize(
    ("address", "place", "named"),
    [
        ("/ukpga/1984/60/section/63D", "section 63D(2)", "section-63D"),
        ("/ukpga/Geo5/23-24/12/section/34A", "", "section-34A"),
        ("/ukpga/1974/53/schedule/2/paragraph/1", "", "schedule-2-paragraph-1"),
        ("/ukpga/1978/37/schedule", "Schedule", "schedule"),
        ("/nisi/1998/1504/article/3", "article 3", "article-3"),
        ("/ukpga/2018/12/section/45/2018-05-25", "", "section-45"),
        ("/wsi/2003/3227/made", "regulation 2", "regulation-2"),
        ("/ukpga/2026/19", "", ""),
    ],
)
def test_the_address_or_the_place_names_the_provision(address: str, place: str, named: str) -> None:
    assert provision(f"https://www.legislation.gov.uk{address}", place) == named


def test_a_section_that_is_not_found_is_said_and_all_the_law_compared() -> None:
    section = law_section(XML.encode(), f"{LAW}/section/47", "")
    assert section.whole
    assert "Mistakes." in section.text
    assert not law_section(XML.encode(), LAW, "").whole


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"\xff\xfe\x00",
        XML[:-20].encode(),
        b"<html><body>Sorry</body></html>",
        b"<Legislation><Metadata>x</Metadata></Legislation>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><Legislation>&b;</Legislation>',
        b"<Legislation>" + b"<P>" * 5000 + b"x" + b"</P>" * 5000 + b"</Legislation>",
    ],
)
def test_xml_that_is_no_law_is_refused(xml: bytes) -> None:
    with pytest.raises(UnreadableSource):
        law_section(xml, f"{LAW}/section/45", "")


GUIDE = {
    "base_path": "/arrested-your-rights",
    "title": "Being arrested",
    "updated_at": "2026-07-01",
    "details": {
        "parts": [
            {"slug": "your-rights", "title": "Your rights", "body": "<p>You have rights.</p>"},
            {
                "slug": "custody",
                "title": "Custody",
                "body": [{"content_type": "text/html", "content": "<p>24 hours</p>"}],
            },
        ],
        "change_history": [{"note": "first"}],
    },
}


def test_the_chapter_of_a_guide_that_the_address_names_is_read() -> None:
    content = json.dumps(GUIDE).encode()
    first = govuk_section(content, "https://www.gov.uk/arrested-your-rights", "")
    second = govuk_section(content, "https://www.gov.uk/arrested-your-rights/custody", "")
    assert first.text == "Being arrested\nYour rights\nYou have rights."
    assert second.text == "Being arrested\nCustody\n24 hours"
    changed = json.dumps({**GUIDE, "updated_at": "2026-11-30"}).replace("first", "second").encode()
    assert govuk_section(changed, "https://www.gov.uk/arrested-your-rights", "").fingerprint == first.fingerprint


def test_that_a_page_was_withdrawn_is_a_change() -> None:
    page = {"base_path": "/a", "title": "A", "details": {"body": "<p>Words.</p>"}}
    gone = {**page, "withdrawn_notice": {"explanation": "<p>Out of date.</p>"}}
    before, after = (govuk_section(json.dumps(one).encode(), "https://www.gov.uk/a", "") for one in (page, gone))
    assert before.fingerprint != after.fingerprint


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "null",
        "{}",
        "[" * 100_000,
        '{"base_path": "/a", "title": "A", "details": {}}',
        '{"base_path": "/a", "title": "A", "details": {"parts": [7]}}',
        '{"base_path": "/a", "title": "A", "details": []}',
    ],
)
def test_json_that_is_no_page_is_refused(content: str) -> None:
    with pytest.raises(UnreadableSource):
        govuk_section(content.encode(), "https://www.gov.uk/a", "")


PAGE = """<html><head><title>Code</title></head><body><header>Menu</header><nav>Home</nav><main>
<header><h1>The Code</h1></header>
<p>Last updated <time>1 July</time></p>
<h2>Right 6</h2><p>You are told.</p><h3>More</h3><p>Soon.</p>
<h2>Right 60: another</h2><p>Others.</p>
<p>2.1 First.</p><p>More of it.</p><p>2.2 Second.</p><p>2.3A Third.</p><h2>End</h2><p>Last.</p>
<script>var a = "x";</script></main><footer>1,204 visitors</footer></body></html>"""


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("Right 6", "Right 6\nYou are told.\nMore\nSoon."),
        ("right 6", "Right 6\nYou are told.\nMore\nSoon."),
        ("Code C, paragraph 2.1", "2.1 First.\nMore of it."),
        ("paragraphs 2.1 and 2.3A", "2.1 First.\nMore of it.\n2.3A Third."),
        ("paragraphs 2.2 to 2.3A", "2.2 Second.\n2.3A Third."),
    ],
)
def test_a_place_in_a_page_is_cut_out(place: str, text: str) -> None:
    section = page_section(PAGE, place)
    assert section.text == text
    assert not section.whole


@pytest.mark.parametrize("place", ["Right 9", "paragraph 2.3", "paragraphs 2.1 and 9.9", "rights 6; paragraph 2.1"])
def test_a_place_that_is_not_in_a_page_is_said_and_all_its_main_part_compared(place: str) -> None:
    section = page_section(PAGE, place)
    assert section.whole
    assert section.fingerprint == page_section(PAGE, "").fingerprint
    assert "visitors" not in section.text
    assert "1 July" not in section.text


@pytest.mark.parametrize("html", ["", "<html><body><nav>Home</nav></body></html>", "<nav><main>swallowed", "<!-- -->"])
def test_a_page_without_words_is_refused(html: str) -> None:
    with pytest.raises(UnreadableSource):
        page_section(html, "")


def test_every_source_of_the_cards_stands_once_oldest_first_with_its_facts() -> None:
    cards = load_cards()
    found = cited_sources(cards.values())
    assert len({one.url for one in found}) == len(found)
    assert [one.oldest for one in found] == sorted(one.oldest for one in found)
    assert sum(len(one.citations) for one in found) == sum(len(card.sources) for card in cards.values())
    bodycam = next(one for one in found if one.url.endswith("/ukpga/2018/12/section/45"))
    facts = [fact for one in bodycam.citations if one.card == "bodycam" for fact in one.facts]
    assert any("free copy of video" in fact for fact in facts)
    assert "bodycam" in bodycam.cards
