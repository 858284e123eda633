"""The description for outsiders: every call of a child's side with examples that are what they say they are."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.chat.openapi import EXAMPLES
from api.web.cors import is_shared
from content.interface import load_interface
from tests.routes import ROUTES

PROBLEM = "application/problem+json"
CALLS = [
    (f"{way} {route.path}", route)
    for router in ROUTES
    for route in router.routes
    if isinstance(route, APIRoute) and is_shared(route.path) and route.include_in_schema
    for way in sorted(route.methods)
]


@pytest.fixture
async def api(client: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await client.get("/api/v1/openapi.json")).json())


def call_of(api: dict[str, Any], name: str) -> dict[str, Any]:
    way, path = name.split(" ")
    return dict(api["paths"][path][way.lower()])


def examples_in(content: dict[str, Any]) -> list[Any]:
    return [one["value"] for one in content["application/json"]["examples"].values()]


def is_one(shape: Any, example: Any) -> None:
    """The example fits the shape, and holds nothing that the shape does not know."""
    adapter = TypeAdapter(shape)
    assert adapter.dump_python(adapter.validate_python(example), mode="json", exclude_unset=True) == example


def fits(api: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    """Whether a value is one that a schema of the description allows, as far as ours use the language of schemas."""
    if "$ref" in schema:
        return fits(api, api["components"]["schemas"][schema["$ref"].rpartition("/")[2]], value)
    if "anyOf" in schema:
        return any(fits(api, one, value) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return value in schema.get("enum", [schema.get("const")])
    return KINDS[schema["type"]](api, schema, value) if "type" in schema else True


def _object(api: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", False)
    return (
        isinstance(value, dict)
        and value.keys() >= set(schema.get("required", ()))
        and all(
            fits(api, known[name], one)
            if name in known
            else bool(others) and (others is True or fits(api, others, one))
            for name, one in value.items()
        )
    )


KINDS: dict[str, Any] = {
    "object": _object,
    "array": lambda api, schema, value: (
        isinstance(value, list) and all(fits(api, schema["items"], one) for one in value)
    ),
    "string": lambda _, schema, value: isinstance(value, str) and len(value) <= schema.get("maxLength", 10_000),
    "integer": lambda *asked: isinstance(asked[2], int) and not isinstance(asked[2], bool),
    "number": lambda *asked: isinstance(asked[2], int | float) and not isinstance(asked[2], bool),
    "boolean": lambda *asked: isinstance(asked[2], bool),
    "null": lambda *asked: asked[2] is None,
}


@pytest.mark.parametrize(("name", "route"), CALLS, ids=[name for name, _ in CALLS])
async def test_a_call_is_described_with_examples_that_are_good(api: dict[str, Any], name: str, route: APIRoute) -> None:
    call = call_of(api, name)
    assert call["description"]
    assert {"Key": []} in [{"Key": one["Key"]} for one in call["security"] if "Key" in one]
    if route.body_field:
        sent = call["requestBody"]["content"]
        assert examples_in(sent)
        for example in examples_in(sent):
            is_one(route.body_field.field_info.annotation, example)
            assert fits(api, sent["application/json"]["schema"], example)
    good = next(answer for status, answer in call["responses"].items() if status.startswith("2"))
    if "text/event-stream" in good["content"]:
        assert "event: line" in good["content"]["text/event-stream"]["example"]
        return
    shape = route.response_model
    assert examples_in(good["content"])
    for example in examples_in(good["content"]):
        is_one(shape, example)
        assert fits(api, good["content"]["application/json"]["schema"], example)


@pytest.mark.parametrize("name", [name for name, _ in CALLS])
async def test_every_problem_of_a_call_is_shown_as_it_is_answered(api: dict[str, Any], name: str) -> None:
    problems = {status: one for status, one in call_of(api, name)["responses"].items() if not status.startswith("2")}
    assert "403" in problems
    for status, answer in problems.items():
        assert answer["description"]
        assert list(answer["content"]) == [PROBLEM]
        example = answer["content"][PROBLEM]["example"]
        assert example["status"] == int(status)
        assert fits(api, answer["content"][PROBLEM]["schema"], example)


def titles(api: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, _ in CALLS:
        for status, answer in call_of(api, name)["responses"].items():
            if PROBLEM in answer["content"]:
                yield status, answer["content"][PROBLEM]["example"]["title"]


async def test_what_nobody_can_mend_is_told_with_help(api: dict[str, Any]) -> None:
    for status, title in titles(api):
        if status in ("401", "403", "429", "503"):
            assert "Call 999" in title
            assert "0800 1111" in title


async def test_the_problems_shown_are_those_that_are_answered(client: httpx.AsyncClient, api: dict[str, Any]) -> None:
    answers = [
        await client.get("/api/v1/forces", headers={"X-Know-Key": "know_none"}),
        await client.get("/api/v1/forces/narnia/cards"),
        await client.post("/api/v1/chats/say", json={"chat": "none", "act": "again"}),
        await client.get("/api/v1/handovers/state"),
        await client.post("/api/v1/handovers/back", json={"words": "no such words"}),
    ]
    shown = set(titles(api))
    for answer in answers:
        assert (str(answer.status_code), answer.json()["title"]) in shown, answer.json()


async def test_the_rest_of_the_description_stays_as_it_was(api: dict[str, Any]) -> None:
    assert "examples" not in str(api["paths"]["/api/v1/coverage"])
    assert set(api["components"]["securitySchemes"]) == {"Key", "Handle"}
    assert "Authorization" in str(api["components"]["securitySchemes"]) or "bearer" in str(api["components"])


def test_examples_are_of_invented_forces_and_hold_no_whole_token() -> None:
    text = EXAMPLES.read_text("utf-8")
    assert "northmoor" in text
    assert not any(len(word) > 60 for word in text.split() if not word.startswith("http"))
    assert load_interface()["coming_wrong"] in text
