"""Describes the JSON of a child's side to programs of others: examples, keys, and what may be answered instead.

The calls and shapes are as the routes declare them; here is added what a route cannot know of itself.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from accessibility.yaml_text import read_yaml
from api.web.cors import KEY, is_shared

EXAMPLES = Path(__file__).with_name("examples.yml")
_PROBLEM = "application/problem+json"
_ABOUT = (
    "What a child may see and do, for forces' own apps. No login, no cookie, nothing kept until a child asks for a "
    "person. A web page of another site may read an answer only with the key of a force that has listed the site; a "
    "program that is no page needs no key. Every page of an app must show 999 and Childline 0800 1111 by itself, also "
    "when nothing answers. See docs/embedding.md."
)
_NO_KEY = "a key that is not known, has ended or is another force's, or a site that its force has not listed"
_KEY = {"type": "apiKey", "in": "header", "name": KEY, "description": "The key of a force's own app, from its desk."}
_HANDLE = {"type": "http", "scheme": "bearer", "description": "The handle of a talk: `here` of the answer before."}
_SHAPE = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457: why not, with a `title` in plain words. `danger` says that the alarm rang at something "
    "that was sent: show help. `fields` says what to mend, by field.",
    "required": ["type", "status", "title"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "danger": {"type": "boolean"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def describe(app: FastAPI) -> None:
    """From now on the description of this app has examples for every call of a child's side."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        return app.openapi_schema or _add(plain(), read_yaml(EXAMPLES.read_text("utf-8")))

    app.openapi = described  # type: ignore[method-assign]


def _add(api: dict[str, Any], examples: Mapping[str, Any]) -> dict[str, Any]:
    api["info"]["description"] = _ABOUT
    parts = api["components"]
    parts["schemas"]["Problem"] = _SHAPE
    parts["securitySchemes"] = {"Key": _KEY, "Handle": _HANDLE}
    for path, ways in api["paths"].items():
        for way, call in ways.items() if is_shared(path) else ():
            _describe(call, examples["calls"].get(f"{way.upper()} {path}", {}), examples["problems"])
    return api


def _describe(call: dict[str, Any], example: Mapping[str, Any], problems: Mapping[int, str]) -> None:
    call["security"] = _security(call)
    if "requestBody" in call:
        shown = {name: {"value": value} for name, value in example.get("asks", {}).items()}
        call["requestBody"]["content"]["application/json"]["examples"] = shown
    call["responses"].setdefault("403", {"description": _NO_KEY})
    for status, answer in call["responses"].items():
        if status.startswith("2"):
            _good(answer, example)
        else:
            title = example.get("problems", {}).get(int(status)) or problems[int(status)]
            _bad(answer, int(status), title)


def _good(answer: dict[str, Any], example: Mapping[str, Any]) -> None:
    if "stream" in example:
        answer["content"] = {"text/event-stream": {"schema": {"type": "string"}, "example": example["stream"]}}
        return
    shown = {"usual": example.get("gives"), **example.get("also", {})}
    answer["content"]["application/json"]["examples"] = {name: {"value": value} for name, value in shown.items()}


def _bad(answer: dict[str, Any], status: int, title: str) -> None:
    # What the framework says of bad requests by itself is not what they are answered here.
    answer["content"] = {
        _PROBLEM: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": {"type": "about:blank", "status": status, "title": title},
        }
    }


def _security(call: dict[str, Any]) -> list[dict[str, list[str]]]:
    """A key may be sent with everything; the calls of a talk want its handle too, which some take in the body."""
    held: dict[str, list[str]] = {}
    if any(one["name"].lower() == "authorization" for one in call.get("parameters", ())):
        call["parameters"] = [one for one in call["parameters"] if one["name"].lower() != "authorization"]
        held = {"Handle": []}
    return [held, {**held, "Key": []}]
