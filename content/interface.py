"""The words around the answers: buttons, labels and errors, one file a language."""

from pathlib import Path

import yaml

INTERFACE = Path(__file__).with_name("interface")


class Interface(dict[str, str]):
    """The interface strings of one language by name. Asking for a name that is not there raises KeyError."""

    def say(self, name: str, **filled: str) -> str:
        """A string with its {blanks} filled."""
        return self[name].format(**filled)


def load_interface(language: str = "en", folder: Path = INTERFACE) -> Interface:
    """The strings of a language."""
    return Interface(yaml.safe_load((folder / f"{language}.yml").read_text("utf-8")))
