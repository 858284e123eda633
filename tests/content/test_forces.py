"""The force files: all 46 are there, each reads clearly, and a broken one says what to mend."""

from pathlib import Path

import pytest

from content.force import FORCES, BrokenForce, Force, load_forces, read_force

Forces = dict[str, Force]
START = "name: Northmoor Police\nnation: England\nregion: North East\nkind: territorial\n"


@pytest.fixture(scope="module")
def real() -> Forces:
    return {slug: force for slug, force in load_forces().items() if not force.practice}


def write(folder: Path, text: str, name: str = "northmoor.yml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def test_all_43_forces_and_the_three_others_are_there(real: Forces) -> None:
    kinds = [force.kind for force in real.values()]
    assert (kinds.count("territorial"), kinds.count("railway"), kinds.count("hand-over")) == (43, 1, 2)
    assert {slug for slug, force in real.items() if force.kind == "hand-over"} == {"psni", "police-scotland"}
    assert sorted(s for s, force in real.items() if force.nation == "Wales") == [
        "dyfed-powys",
        "gwent",
        "north-wales",
        "south-wales",
    ]


def test_every_force_has_places_but_the_railway_one(real: Forces) -> None:
    for slug, force in real.items():
        assert bool(force.districts) == bool(force.postcodes) == (force.kind != "railway"), slug


def test_no_district_is_in_two_forces(real: Forces) -> None:
    districts = [name for force in real.values() for name in force.districts]
    assert sorted(districts) == sorted(set(districts))


def test_a_shared_postcode_is_mainly_another_forces(real: Forces) -> None:
    mainly = {code: slug for slug, force in real.items() for code in force.postcodes}
    for slug, force in real.items():
        for code in force.shared_postcodes:
            assert mainly[code] != slug, code


def test_no_file_holds_a_way_to_reach_a_force() -> None:
    for file in FORCES.glob("*.yml"):
        facts = "".join(line for line in file.read_text("utf-8").splitlines(True) if not line.startswith("#"))
        for sign in ("http", "www", "@", ".uk", "101", "999", "phone", "website"):
            assert sign not in facts.lower(), (file.name, sign)


def test_every_file_credits_where_its_facts_come_from() -> None:
    for slug, force in load_forces().items():
        text = (FORCES / f"{slug}.yml").read_text("utf-8")
        if force.postcodes and not force.practice:
            assert "Open Government Licence" in text
            assert "Royal Mail" in text
            assert "GeoNames, CC BY 4.0" in text


def test_a_run_of_postcodes_is_opened_out(tmp_path: Path) -> None:
    force = read_force(write(tmp_path, START + "postcodes: [S1-S4, EC1A, S60]\n"))
    assert force.postcodes == ("S1", "S2", "S3", "S4", "EC1A", "S60")


def test_a_practice_force_is_marked_and_needs_only_its_towns(tmp_path: Path) -> None:
    invented = START.replace("North East", "Invented")
    write(tmp_path, invented + "practice: true\ndistricts: [Moorhaven, Little Tarn]\n")
    force = load_forces(tmp_path)["northmoor"]
    assert force.practice
    assert force.districts == ("Moorhaven", "Little Tarn")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no keys"),
        ("just words", "holds no keys"),
        ("name: [", "not readable as YAML"),
        ("nation: England\nkind: territorial\n", "name:"),
        (START.replace("England", "Narnia"), "nation:"),
        (START.replace("territorial", "secret"), "kind:"),
        (START + "website: https://example.org\n", "unknown key website"),
        (START + "districts: Moorhaven\n", "districts:"),
        (START + "towns: [yes]\n", "towns:"),
        (START + "postcodes: [Moorhaven]\n", "postcodes:"),
        (START + "postcodes: [S14-S1]\n", "postcodes:"),
        (START + "nicknames: [Moory]\n", "nicknames:"),
        (START + "nicknames: {Moory: Moorhaven}\n", "Moory stands for Moorhaven"),
        (START + "practice: maybe\n", "practice:"),
    ],
)
def test_a_broken_file_says_which_file_what_is_wrong_and_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BrokenForce) as broken:
        read_force(write(tmp_path, text))
    message = str(broken.value)
    assert message.startswith("northmoor.yml: ")
    assert said in message
    assert message.rstrip(".").count(". ") >= 1, "what is wrong, then what to do"


def test_a_postcode_cannot_be_mainly_two_forces(tmp_path: Path) -> None:
    write(tmp_path, START + "postcodes: [S60]\n", "one.yml")
    write(tmp_path, START + "postcodes: [S60]\n", "two.yml")
    with pytest.raises(BrokenForce, match=r"two\.yml: postcodes: S60 is also in one\.yml"):
        load_forces(tmp_path)
