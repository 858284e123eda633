"""Reads the force files: which police force covers which places, and what people call those places."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

import yaml

FORCES = Path(__file__).parent / "forces"
KINDS = ("territorial", "railway", "hand-over")
NATIONS = ("England", "Wales", "Scotland", "Northern Ireland", "Great Britain")
Region = Literal[
    "North East",
    "North West",
    "Yorkshire and the Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
    "Wales",
    "Great Britain",
    "Invented",
]
REGIONS: tuple[Region, ...] = get_args(Region)
"""Where a force is: a region of the Office for National Statistics; the railways and the invented forces apart."""
ENGLISH_REGIONS = REGIONS[: REGIONS.index("Wales")]

_KEYS = {
    *("name", "name_cy", "nation", "region", "kind", "practice", "areas", "districts", "towns", "small_places"),
    *("postcodes", "shared_postcodes", "nicknames", "welsh_names"),
}
_OUTCODE = re.compile(r"[A-Z]{1,2}\d{1,2}|[A-Z]{1,2}\d[A-Z]|[A-Z]{3}")
_RUN = re.compile(r"([A-Z]{1,2})(\d{1,2})-\1(\d{1,2})")
# The C loader reads the 46 files about eight times faster; both give the same values.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BrokenForce(ValueError):
    """A force file cannot be used. The message names the file, what is wrong and what to do."""

    def __init__(self, file: Path, wrong: str, do: str) -> None:
        super().__init__(f"{file.name}: {wrong}. {do}.")


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Force:
    """One police force and every name it can be found by.

    slug: the file's name, as on data.police.uk where the force is there.
    kind: `territorial` (we explain its answers), `railway` (no places; picked by name) or
        `hand-over` (outside the law of England and Wales: we say so and pass the child on).
    districts: local authority districts, current and recently abolished (ONS, OGL v3.0).
    postcodes: outward codes where this force has more postcodes than any other.
    shared_postcodes: outward codes where another force has more, and this one at least 1 in 50.
    areas: counties and other wide areas people name; one may be in several forces.
    towns: places of about 5,000 people or more, and well-known parts of cities (GeoNames, CC BY 4.0; some by
        hand).
    small_places: smaller ones, and lesser-known parts of cities. We may lack a bigger place of the same name, so
        these are never a sure match.
    nicknames, welsh_names: what people call a place -> the name in this file that it stands for.
    practice: an invented force, never shown as a real one.
    region: where it stands on the public register; None for a `hand-over` force, which is not on it.
    """

    slug: str
    name: str
    nation: str
    kind: str
    districts: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    shared_postcodes: tuple[str, ...] = ()
    nicknames: Mapping[str, str] = field(default_factory=_nothing, hash=False)
    practice: bool = False
    areas: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    small_places: tuple[str, ...] = ()
    welsh_names: Mapping[str, str] = field(default_factory=_nothing, hash=False)
    name_cy: str | None = None
    region: Region | None = None


def load_forces(folder: Path = FORCES) -> dict[str, Force]:
    """Every force in `folder`, by slug, in order of slug.

    Raises BrokenForce for a file that cannot be used, or an outward postcode that two forces call mainly theirs.
    """
    forces = {file.stem: read_force(file) for file in sorted(folder.glob("*.yml"))}
    mainly: dict[str, str] = {}
    for slug, force in forces.items():
        for code in force.postcodes:
            if code in mainly:
                wrong = f"postcodes: {code} is also in {mainly[code]}.yml"
                raise BrokenForce(folder / f"{slug}.yml", wrong, "Move one of them to shared_postcodes")
            mainly[code] = slug
    return forces


def read_force(file: Path) -> Force:
    """The force in one file. Raises BrokenForce."""
    data = _mapping(file)
    force = Force(
        slug=file.stem,
        name=_text(file, data, "name"),
        name_cy=_text(file, data, "name_cy") if "name_cy" in data else None,
        nation=_one_of(file, data, "nation", NATIONS),
        region=cast(Region, _one_of(file, data, "region", REGIONS)) if "region" in data else None,
        kind=_one_of(file, data, "kind", KINDS),
        practice=_yes_or_no(file, data, "practice"),
        areas=_words(file, data, "areas"),
        districts=_words(file, data, "districts"),
        towns=_words(file, data, "towns"),
        small_places=_words(file, data, "small_places"),
        postcodes=tuple(_codes(file, data, "postcodes")),
        shared_postcodes=tuple(_codes(file, data, "shared_postcodes")),
        nicknames=_renames(file, data, "nicknames"),
        welsh_names=_renames(file, data, "welsh_names"),
    )
    _check_targets(file, force)
    _check_region(file, force)
    return force


def _mapping(file: Path) -> dict[str, Any]:
    try:
        data = yaml.load(file.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 (a safe loader either way)
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        wrong = " ".join(str(broken).split())
        raise BrokenForce(file, f"not readable as YAML ({wrong})", "Mend that line") from broken
    if not isinstance(data, dict):
        raise BrokenForce(file, "holds no keys", "Start it with name, nation and kind")
    if unknown := [str(key) for key in data if key not in _KEYS]:
        raise BrokenForce(file, f"unknown key {unknown[0]}", f"Use only {', '.join(sorted(_KEYS))}")
    return data


def _text(file: Path, data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BrokenForce(file, f"{key}: needs words, not {value!r}", "Write it in full")
    return value


def _one_of(file: Path, data: dict[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    if (value := data.get(key)) not in allowed:
        raise BrokenForce(file, f"{key}: {value!r} is not known", f"Use one of {', '.join(allowed)}")
    return str(value)


def _yes_or_no(file: Path, data: dict[str, Any], key: str) -> bool:
    if not isinstance(value := data.get(key, False), bool):
        raise BrokenForce(file, f"{key}: {value!r} is neither true nor false", "Write true, or leave it out")
    return value


def _words(file: Path, data: dict[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key) or []
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise BrokenForce(file, f"{key}: needs a list of names", "Put a name YAML misreads in quotes")
    return tuple(value)


def _renames(file: Path, data: dict[str, Any], key: str) -> Mapping[str, str]:
    value = data.get(key) or {}
    if not isinstance(value, dict) or not all(isinstance(x, str) for pair in value.items() for x in pair):
        raise BrokenForce(file, f"{key}: needs pairs of `what people say: the place`", "Quote a name YAML misreads")
    return MappingProxyType(value)


def _codes(file: Path, data: dict[str, Any], key: str) -> Iterator[str]:
    """Outward postcodes, with a run such as `S1-S14` opened out to S1, S2 ... S14."""
    for code in _words(file, data, key):
        run = _RUN.fullmatch(code)
        if run and int(run[2]) < int(run[3]):
            yield from (f"{run[1]}{number}" for number in range(int(run[2]), int(run[3]) + 1))
        elif _OUTCODE.fullmatch(code):
            yield code
        else:
            raise BrokenForce(file, f"{key}: {code!r} is not an outward postcode", "Write S60, or S1-S14 for a run")


def _check_targets(file: Path, force: Force) -> None:
    known = {force.name, *force.areas, *force.districts, *force.towns, *force.small_places}
    for key, names in (("nicknames", force.nicknames), ("welsh_names", force.welsh_names)):
        for said, place in names.items():
            if place not in known:
                wrong = f"{key}: {said} stands for {place}, which is not in this file"
                raise BrokenForce(file, wrong, "Use a name from its areas, districts or places, or its own name")


def _check_region(file: Path, force: Force) -> None:
    allowed = _regions_of(force)
    if force.region not in allowed:
        wrong = f"region: {force.region!r} does not fit a force of this kind and nation"
        raise BrokenForce(file, wrong, f"Use {' or '.join(filter(None, allowed)) or 'none: leave it out'}")


def _regions_of(force: Force) -> tuple[Region | None, ...]:
    """Where a force may stand: a region that its own file contradicts is one where nobody looks for it."""
    if force.kind == "hand-over":
        return (None,)
    if force.practice:
        return ("Invented",)
    if force.kind == "railway":
        return ("Great Britain",)
    return ("Wales",) if force.nation == "Wales" else ENGLISH_REGIONS
