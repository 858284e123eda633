"""Words around a place in what a child types, and place names that are also everyday words."""


def _words(text: str, between: str | None = None) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(between))


# "i live in ...", "its near ...": words before a place that are not part of it.
BEFORE = _words(
    """a about am area around at based born by called city close code come from hello hey hi home house i im in is it
    its just kinda like live living me maybe mostly my near nearest next no of ok okay originally our outside place
    police post postcode side somewhere sort stay staying the think to town um umm up village we well were where yeah
    yes"""
)

# "... please", "... england": words after a place that are not part of it.
AFTER = _words(
    """and area atm british centre city constabulary council district england force gb great here i innit is kingdom
    live lol mate now please pls plz police postcode region service side thanks thx tho town uk united village way x
    xx"""
)

# Words that say "a place comes next" more surely than the rest of BEFORE.
POINTING = _words("around at by called from in near outside postcode to")

# "i live in X", "im from X", "we come from X" mean home; "my nan lives in X" and "my mate from X" do not.
MYSELF = _words("am also been both i im ive we were")
STAYING = _words("based live living stay staying")
COMING = _words("am are come originally")

# Words that may stand between two places: "bawtry near doncaster".
JOINING = _words("and at by close in near next of on or the to")

# Text-speak that looks like an outward postcode: "see you l8r m8".
TEXT_SPEAK = _words("b4 e1 h8 l8 m8 n1 w8")

# Places and nicknames that children also write meaning something, or someone, else. On their own they are places;
# inside a sentence they are places only after POINTING words, and then never surely.
ORDINARY = _words(
    """aber alba alexandria angel angus arnold ash ashley aston bank banks bar barking barnes barry barton bath battle
    bay beds beer berks bish boro bourne bow bowling box brandon bray brent bridge brid bris bucks burgess burton bury
    california canton cardigan carlton cas chantry charlton cheddar chelsea chester chippy church clare clayton
    clifford clifton clive connor constantine conway cooling cosby cov cove crook cross croy cunningham dale deal
    denny denton derby dock docking dollar donnie donny douglas down downside dudley eden edi elton ely eye fleet
    flint ford forth freshwater gm gotham grain green grove hale hamilton harley hart hay hayes haynes healing heather
    highfields highland hill hills hillside holloway hook hope houston howe hull hunts hurley hutton hyde irvine iw
    keith kimberley kingston law lea lee leigh leslie lester lincoln livingston lizard loans locking logan luffy lynn
    manc manny march mark martin mere met mill mk mold moss mps nelson newton ni norman normandy norton orton over par
    pill plains pool preston quarter radcliffe rake ramsey reading ricky riverside rock rode rose ross rugby rye sale
    sandwich sandy send settle shaw shelley shields shirley simpson skye sneck stanley stock stone stow street sutton
    sway tarn thorne thornton tong toon tumble tyrone ull valley walker wall walton warden ware warren warwick
    washington waterloo wells welly west wick wing winslow winston wolves woodside wool wooster worth"""
) | _words(
    """bay horse, church street, cross hands, custom house, park end, park street, south bank, the borders, the boro,
    the dales, the diff, the lakes, the met, the toon, the valleys, west end, worlds end""",
    ",",
)
