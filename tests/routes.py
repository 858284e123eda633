"""Every part of every door, for tests that look at all routes."""

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.chat import routes as chat
from api.console import routes as console
from api.desk import routes as desk
from api.register import routes as register
from api.web import font_routes, health
from api.widget import routes as widget

ROUTES = (health.routes, font_routes.routes, *widget.PARTS, *register.PARTS, *desk.PARTS, *console.PARTS, *chat.PARTS)


def every_route(app: FastAPI) -> list[APIRoute]:
    """The routes of an app, in the order in which they are tried."""
    return [route for route in app.routes if isinstance(route, APIRoute)]
