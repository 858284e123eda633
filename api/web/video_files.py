"""Gives out a film or its captions: only while the file is, byte for byte, the one that the words name."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from fastapi.responses import FileResponse

from api.web.errors import Problem
from api.web.handed import from_door
from content.video import MEDIA, VIDEOS, SignedVideo, fingerprint


@dataclass(frozen=True)
class FilmFolder:
    """Where the films are; a test has its own."""

    path: Path = VIDEOS


OnFilms = Annotated[FilmFolder, Depends(from_door(FilmFolder))]


def film(films: FilmFolder, videos: Iterable[SignedVideo], sha256: str) -> FileResponse:
    """A film or its captions by SHA-256, whole or the part that a player asks for.

    Raises Problem 404 where none of these videos names it, or its file is not here as it was. The first look at a film
    reads all of it, so this belongs in a thread.
    """
    names = {one.film: one.file for one in videos} | {one.captions: one.captions_file for one in videos}
    path = films.path / names[sha256] if sha256 in names else None
    if path is None or not path.is_file() or fingerprint(path) != sha256:
        raise Problem(404, "There is no such video.")
    return FileResponse(path, media_type=MEDIA[path.suffix])
