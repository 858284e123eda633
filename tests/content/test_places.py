"""A child types where they live, in their own way, and we find their force, ask which, or say we do not know."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.force import Force, load_forces
from content.places import CREDIT, MOST, Places
from tests.content.places_exam import CERTAIN, exam, figures, misspellings

FORCES = {slug: force for slug, force in load_forces().items() if not force.practice}
PLACES = Places.load(FORCES)


def sure(text: str) -> str | None:
    """The slug of the one force we are sure of."""
    found = PLACES.find(text)
    return found[0].slug if len(found) == 1 and found[0].sure else None


def choices(text: str) -> set[str]:
    """The forces we ask about."""
    found = PLACES.find(text)
    assert not any(match.sure for match in found), found
    return {match.slug for match in found}


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Rotherham", "south-yorkshire"),
        ("ROTHERHAM!!", "south-yorkshire"),
        ("i live in rotherham", "south-yorkshire"),
        ("i live in rotherham with my nan and my brother", "south-yorkshire"),
        ("S60", "south-yorkshire"),
        ("s60", "south-yorkshire"),
        ("S60 2AB", "south-yorkshire"),
        ("s602ab", "south-yorkshire"),
        ("my postcode is S60 2AB", "south-yorkshire"),
        ("Donny", "south-yorkshire"),
        ("near donny", "south-yorkshire"),
        ("south yorks", "south-yorkshire"),
        ("South Yorkshire Police", "south-yorkshire"),
        ("the Met", "metropolitan"),
        ("london", "metropolitan"),
        ("City of London", "city-of-london"),
        ("Manchester", "greater-manchester"),
        ("brum innit", "west-midlands"),
        ("im from reading", "thames-valley"),
        ("Cardiff", "south-wales"),
        ("Caerdydd", "south-wales"),
        ("Ynys Môn", "north-wales"),
        ("ynys mon", "north-wales"),
        ("the Wirral", "merseyside"),
        ("Saint Helens", "merseyside"),
        ("kings lynn", "norfolk"),
        ("stoke on trent", "staffordshire"),
        ("Newport, Isle of Wight", "hampshire"),
        ("newport gwent", "gwent"),
        ("Ashford in Kent", "kent"),
        ("Belfast", "psni"),
        ("BT1 1AA", "psni"),
        ("northern ireland", "psni"),
        ("Glasgow", "police-scotland"),
        ("scotland", "police-scotland"),
        ("railway police", "btp"),
    ],
)
def test_a_clear_place_finds_one_force(text: str, slug: str) -> None:
    assert sure(text) == slug


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Newport", {"gwent", "hampshire", "west-mercia"}),
        ("Newcastle", {"northumbria", "staffordshire"}),
        ("Richmond", {"metropolitan", "north-yorkshire"}),
        ("Ashford", {"kent", "surrey"}),
        ("Gillingham", {"kent", "dorset"}),
        ("St Ives", {"cambridgeshire", "devon-and-cornwall"}),
        ("Ponty", {"south-wales", "gwent", "west-yorkshire"}),
        ("yorkshire", {"south-yorkshire", "west-yorkshire", "north-yorkshire", "humberside"}),
        ("wales", {"gwent", "south-wales", "north-wales", "dyfed-powys"}),
        ("S81", {"nottinghamshire", "south-yorkshire"}),
        ("EC1A", {"city-of-london", "metropolitan"}),
        ("i live in leeds but it was in york", {"west-yorkshire", "north-yorkshire"}),
    ],
)
def test_an_unclear_place_asks_which(text: str, slugs: set[str]) -> None:
    assert choices(text) >= slugs
    assert len(PLACES.find(text)) <= MOST


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?!",
        "Narnia",
        "asdf",
        "hogwarts",
        "idk",
        "i dont know",
        "nowhere",
        "my house",
        "the city",
        "england",
        "ZZ9",
        "can you read me my record please i was in a battle in the street about a sandwich and a deal",
        "i met a man down the chippy",
        "see you l8r m8",
        "it was on the m1",
        "what happens to my phone",
    ],
)
def test_an_unknown_place_is_not_guessed(text: str) -> None:
    assert PLACES.find(text) == []


@pytest.mark.parametrize(("text", "slug"), [("rotheram", "south-yorkshire"), ("Sheffeild", "south-yorkshire")])
def test_a_near_and_lone_misspelling_is_sure(text: str, slug: str) -> None:
    assert sure(text) == slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("donni", "south-yorkshire"),
        ("kardiff", "south-wales"),
        ("Huddersfeld", "west-yorkshire"),
        ("leister", "leicestershire"),
        ("i live in rothrham with my mum", "south-yorkshire"),
    ],
)
def test_a_doubtful_misspelling_still_offers_the_right_force(text: str, slug: str) -> None:
    assert slug in {match.slug for match in PLACES.find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "my mate from leeds got arrested",
        "my nan lives in leeds",
        "preston took my phone in bristol",
        "i am reading",
        "i live in hope",
        "what do south yorkshire police keep about me",
        "wootton bridge",
    ],
)
def test_a_place_that_may_not_be_home_is_never_sure(text: str) -> None:
    choices(text)


def test_the_reason_is_our_name_for_the_place_never_the_childs_spelling() -> None:
    for text, because in {
        "donny": "Doncaster",
        "s60 2ab": "S60",
        "rotheram": "Rotherham",
        "caerdydd": "Cardiff",
    }.items():
        assert [match.because for match in PLACES.find(text)] == [because]


def test_a_practice_force_is_found_by_its_invented_towns() -> None:
    force = Force("northmoor", "Northmoor Police", "England", "territorial", ("Moorhaven",), practice=True)
    found = Places.load({**FORCES, "northmoor": force}).find("im from moorhaven")
    assert [(match.slug, match.sure) for match in found] == [("northmoor", True)]


@pytest.mark.parametrize("slug", sorted(FORCES))
def test_places_certain_for_each_force(slug: str) -> None:
    assert slug in CERTAIN or slug == "btp"
    for name in filter(None, CERTAIN.get(slug, "").split(", ")):
        found = PLACES.find(name)
        assert slug in {match.slug for match in found}, name
        assert not any(match.sure and match.slug != slug for match in found), name


def test_at_least_97_in_100_large_towns_resolve_and_none_is_confidently_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    towns = exam(FORCES)
    with capsys.disabled():
        print("\n" + figures(towns))
    assert len(towns) > 1000
    assert sum(town.resolved for town in towns) / len(towns) >= 0.97
    assert [town.name for town in towns if town.wrong] == []


def test_a_letter_lost_or_swapped_still_offers_the_force_and_never_surely_another() -> None:
    tries = [(slug, PLACES.find(text)) for text, slug in misspellings()]
    offered = sum(slug in {match.slug for match in found} for slug, found in tries)
    assert len(tries) > 400
    assert offered / len(tries) >= 0.95
    assert [found for slug, found in tries if any(match.sure and match.slug != slug for match in found)] == []


ODD = st.sampled_from(
    ["\0", "😀", "\u202e", "مانشستر", "leeds", "i live in ", "S60 2AB", "\n", "ﬀ", "İ", "²", " near "]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=1000), st.lists(ODD, max_size=150).map("".join)))
def test_any_text_is_answered(text: str) -> None:
    found = PLACES.find(text)
    assert len({match.slug for match in found}) == len(found) <= MOST
    assert sum(match.sure for match in found) == 0 or len(found) == 1


@given(st.text(min_size=1, max_size=40))
def test_nothing_typed_is_kept(text: str) -> None:
    before = (len(PLACES._named), len(PLACES._codes), set(vars(PLACES)))
    PLACES.find(text)
    assert (len(PLACES._named), len(PLACES._codes), set(vars(PLACES))) == before


def test_those_whose_facts_these_are_get_the_credit() -> None:
    for owner in ("GeoNames", "CC BY 4.0", "Open Government Licence v3.0", "OS data ©", "Royal Mail data ©"):
        assert owner in CREDIT
