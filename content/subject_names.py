"""What the page calls a subject it answers about, in words that a child knows (content/talk/subject_names.yml)."""

from collections.abc import Mapping
from functools import cache

from accessibility.yaml_text import read_yaml
from content.follow_up import TALK

SUBJECT_NAMES = TALK / "subject_names.yml"


@cache
def subject_names() -> Mapping[str, str]:
    """The name of each subject, by the `about` of the cards. Raises KeyError for a file without them."""
    named: Mapping[str, str] = read_yaml(SUBJECT_NAMES.read_text("utf-8"))["subjects"]
    return named
