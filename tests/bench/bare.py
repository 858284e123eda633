"""A bare FastAPI JSON route, to hold ours against."""

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Said(BaseModel):
    """The same body as a button's."""

    chat: str
    card: str


@app.get("/")
@app.post("/")
async def answer(said: Said | None = None) -> dict[str, str]:
    """Says back which card was asked for."""
    return {"card": said.card if said else ""}


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning", server_header=False
    )
