"""What a force pastes into its own website: the tag, the tag of one build, a plain link, and the lines of a policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from markupsafe import escape

from accessibility.contrast import black_or_white, contrast
from api.records.embeds import GREETINGS, Embed, Looks
from api.web.settings import Settings
from api.web.widget_builds import Build
from content.interface import Interface
from content.language import Language

_WHITE = "#ffffff"
_FIRST = Looks()


@dataclass(frozen=True)
class Pasted:
    """What is pasted, each as text. `policy` is the two lines of a Content-Security-Policy."""

    tag: str
    pinned: str
    link: str
    policy: str


@dataclass(frozen=True)
class Measured:
    """A colour of the button: its contrast with a white page, the colour of the words on it, and theirs with it."""

    colour: str
    edge: float
    words: str
    on_it: float


def pasted(settings: Settings, layer: str, looks: Looks | Embed, build: Build, spoken: Interface) -> Pasted:
    """What is pasted for these looks. The link says the greeting too, as `spoken` has it."""
    ours, attributes = settings.public_url, _written(attributes_of(settings, layer, looks))
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(ours))
    sealed = _written({"integrity": build.integrity, "crossorigin": "anonymous"})
    language = _written({"lang": "cy"}) if spoken.language_of(looks.greeting) == "cy" else ""
    return Pasted(
        tag=f'<script async src="{escape(ours)}/widget/v1/know.js"{attributes}></script>',
        pinned=f'<script async src="{escape(ours)}/widget/{build.version}/know.js"{sealed}{attributes}></script>',
        link=f'<a href="{escape(ours)}/{layer}"{language}>{escape(spoken[looks.greeting])}</a>',
        policy=f"script-src {origin};\nframe-src {origin};",
    )


def attributes_of(settings: Settings, layer: str, looks: Looks | Embed) -> Mapping[str, str]:
    """What the tag says of these looks; what the loader does by itself is left out, so that the tag stays short."""
    said = {
        "position": (looks.position, _FIRST.position),
        "colour": (looks.colour, _FIRST.colour),
        "greeting": (_short(looks.greeting), _short(_FIRST.greeting)),
        "lang": (looks.language, _FIRST.language),
        "exit-key": (looks.exit_key, _FIRST.exit_key),
        "leave-to": (settings.leave_to, Settings.model_fields["leave_to"].default),
    }
    return {"data-force": layer} | {f"data-{name}": value for name, (value, usual) in said.items() if value != usual}


def languages_of(interfaces: Mapping[Language, Interface], *, practice: bool) -> tuple[Language, ...]:
    """The languages that the button may have: those whose greetings are signed, in practice the drafts too."""
    return tuple(
        language
        for language, spoken in interfaces.items()
        if practice or all(spoken.language_of(name) == language for name in GREETINGS)
    )


def measured(colour: str) -> Measured:
    """A colour "#rrggbb" as people see it."""
    words = black_or_white(colour)
    return Measured(colour, contrast(colour, _WHITE), words, contrast(colour, words))


def typed_of(embed: Embed | None) -> Looks:
    """What counts now, as it would be typed."""
    if embed is None:
        return _FIRST
    greeting = embed.greeting if embed.greeting in GREETINGS else _FIRST.greeting
    sites = "\n".join(embed.listed)
    return Looks(sites, embed.colour, embed.position, greeting, embed.language, embed.exit_key)


def _short(greeting: str) -> str:
    return greeting.removeprefix("widget_greeting_")


def _written(attributes: Mapping[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
