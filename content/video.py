"""A film of a card's answer, signed (BSL) or spoken: how it stands in a card's file, its faults, its fingerprints."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

VIDEOS = Path(__file__).with_name("videos")
VideoKind = Literal["bsl", "spoken"]
LONGEST = 360
"""The most seconds a film may last: nobody who is afraid watches longer, and not all at once."""
MEDIA = {".mp4": "video/mp4", ".webm": "video/webm", ".vtt": "text/vtt"}
"""The kinds of file, by ending, as a browser knows them."""
# A plain name of a file in one folder, so that no card can reach another one.
_FILM = re.compile(r"[a-z0-9][a-z0-9-]*\.(?:mp4|webm)", re.ASCII)
_CAPTIONS = re.compile(r"[a-z0-9][a-z0-9-]*\.vtt", re.ASCII)
_WEBVTT = re.compile(r"\ufeff?WEBVTT(?:[ \t].*)?(?:\n|$)")
_CUE = re.compile(r"^(?:\d+:)?\d\d:\d\d\.\d{3} +--> +(?:\d+:)?\d\d:\d\d\.\d{3}.*\n+\S", re.M)


@dataclass(frozen=True)
class Video:
    """A film as a card's file names it. `credit` says who signs or speaks; `seconds` how long it is, where known."""

    kind: VideoKind
    file: str
    captions: str
    transcript: str
    credit: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class SignedVideo:
    """A film as a signature covers it: the files by their SHA-256, so that no other film is ever shown in its place."""

    kind: VideoKind
    file: str
    film: str
    captions_file: str
    captions: str
    transcript: str
    credit: str
    seconds: int = 0

    @property
    def media(self) -> str:
        """The kind of film, as a browser knows it."""
        return MEDIA[Path(self.file).suffix]

    @property
    def minutes(self) -> str:
        """How long it lasts, as 1:05; empty where that is not known."""
        return f"{self.seconds // 60}:{self.seconds % 60:02}" if self.seconds else ""


def parse_video(raw: Mapping[str, Any]) -> Video:
    """A film from the front matter of a card. Raises ValueError, KeyError or TypeError with what to mend."""
    unknown = sorted(set(raw) - {"kind", "file", "captions", "transcript", "credit", "seconds"})
    if unknown:
        raise ValueError(f'a video has no field "{unknown[0]}"')
    kind = next((known for known in get_args(VideoKind) if known == raw["kind"]), None)
    if kind is None:
        raise ValueError(f'a video\'s kind is {" or ".join(get_args(VideoKind))}, not "{raw["kind"]}"')
    for name, shape in (("file", _FILM), ("captions", _CAPTIONS)):
        if not shape.fullmatch(str(raw[name])):
            raise ValueError(f'a video\'s {name} is a plain name such as bodycam-bsl.mp4 or .vtt, not "{raw[name]}"')
    seconds = raw.get("seconds", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 <= seconds <= LONGEST:
        raise ValueError(f"a video lasts at most {LONGEST} seconds; write them as a whole number")
    said = {name: str(raw[name] or "").strip() for name in ("transcript", "credit")}
    return Video(kind, raw["file"], raw["captions"], said["transcript"], said["credit"], seconds)


def video_text(video: Video) -> dict[str, Any]:
    """A film as the front matter of a card has it."""
    found: dict[str, Any] = {
        name: getattr(video, name) for name in ("kind", "file", "captions", "transcript", "credit")
    }
    return found | ({"seconds": video.seconds} if video.seconds else {})


def video_faults(video: Video, folder: Path) -> Iterator[str]:
    """Why a film may not be shown: a file that is not there or is no film, captions that say nothing, no credit."""
    if not _is_film(folder / video.file):
        yield f"{video.file} is not in content/videos, or is no MP4 or WebM film"
    if not _are_captions(folder / video.captions):
        yield f"{video.captions} is not in content/videos, or holds no WebVTT captions"
    if not video.transcript:
        yield "a video without its words as a transcript"
    if not video.credit:
        yield "a video that does not say who signs or speaks"


def signed_video(video: Video, folder: Path) -> SignedVideo:
    """The film as it is signed. Raises ValueError for one that may not be shown."""
    for fault in video_faults(video, folder):
        raise ValueError(fault)
    film, captions = fingerprint(folder / video.file), fingerprint(folder / video.captions)
    return SignedVideo(
        video.kind, video.file, film, video.captions, captions, video.transcript, video.credit, video.seconds
    )


def fingerprint(path: Path) -> str:
    """SHA-256 of a file in hex; it is read again only when it has changed. Raises OSError when it is not there."""
    stat = path.stat()
    return _digest(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=512)
def _digest(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_film(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(12)
    return start[4:8] == b"ftyp" if path.suffix == ".mp4" else start.startswith(b"\x1a\x45\xdf\xa3")


def _are_captions(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(_WEBVTT.match(text) and _CUE.search(text))
