"""A pack as one zip file: the same words always give the same bytes, and a zip with a trick in it is refused."""

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from content.pack_files import LARGEST_FILE, BrokenFiles

LARGEST_UPLOAD = 4 * 1024 * 1024
_LARGEST_PACK = 20 * 1024 * 1024
_MOST_FILES = 500
_WHEN = (1980, 1, 1, 0, 0, 0)
_LEFT_BY_SYSTEMS = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.I)
_ENCRYPTED = 0x1
_READABLE = 0o644 << 16
_BREAKS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def zipped(files: Mapping[str, str]) -> bytes:
    """The files as a zip. The same files always give the same bytes."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _WHEN)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _READABLE, 3
            archive.writestr(entry, text.encode())
    return found.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """The files of a zip by path, unread. Nothing is ever written to a disk.

    Raises BrokenFiles, in sentences that say what to do, for a zip that is damaged, too large or out of the ordinary.
    """
    if len(data) > LARGEST_UPLOAD:
        raise BrokenFiles({"The zip": "It is larger than 4 MB. Bring in the cards that you changed, a few at a time."})
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not _LEFT_BY_SYSTEMS.search(entry.filename)]
            _refuse_odd(entries)
            found = dict(_unpacked(archive, [entry for entry in entries if not entry.is_dir()]))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, BrokenFiles):
            raise
        raise BrokenFiles({"The zip": "It is damaged, or is no zip. Make it afresh and bring it in again."}) from error
    return _without_top_folder(found)


def _refuse_odd(entries: list[zipfile.ZipInfo]) -> None:
    if not any(not entry.is_dir() for entry in entries):
        raise BrokenFiles({"The zip": "There is nothing in it. Put cards/ and facts.yml into it."})
    if len(entries) > _MOST_FILES:
        raise BrokenFiles({"The zip": f"It holds more than {_MOST_FILES} files. Leave out all that is no card."})
    if sum(entry.file_size for entry in entries) > _LARGEST_PACK:
        raise BrokenFiles({"The zip": "Unpacked it is larger than 20 MB. Leave out all that is no card."})
    problems: dict[str, str] = {}
    names = set[str]()
    for entry in entries:
        problem = _what_is_odd(entry)
        if entry.filename.lower() in names:
            problem = "It is in the zip twice. Keep one."
        names.add(entry.filename.lower())
        if problem:
            problems[entry.filename] = problem
    if problems:
        raise BrokenFiles(problems)


def _what_is_odd(entry: zipfile.ZipInfo) -> str:
    name, parts = entry.orig_filename, entry.orig_filename.rstrip("/").split("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if name != entry.filename or "\\" in name or ":" in name or not {"", ".", ".."}.isdisjoint(parts):
        return "This path leads out of the pack. Zip the folder again, with a program that came with the computer."
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "This is a link and no file. Put the file itself into the zip."
    if entry.flag_bits & _ENCRYPTED:
        return "This has a password. Make the zip without one."
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "This is packed in a way that is not read here. Make an ordinary zip."
    return ""


def _unpacked(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    left = _LARGEST_PACK
    for entry in entries:
        # What a zip says of its sizes may be untrue.
        with archive.open(entry) as file:
            data = file.read(LARGEST_FILE + 1)
        left -= len(data)
        if len(data) > LARGEST_FILE or left < 0:
            raise BrokenFiles({entry.filename: "It is larger than 64 kB. No card is so long; bring in the card alone."})
        yield entry.filename, data


def _without_top_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Whoever zips a folder gets that folder in front of every path."""
    tops = {path.partition("/")[0] for path in files}
    inside = len(tops) == 1 and tops.isdisjoint({"cards"}) and all("/" in path for path in files)
    return {path.partition("/")[2] if inside else path: data for path, data in files.items()}


def texts(files: Mapping[str, bytes]) -> dict[str, str]:
    """Files as texts, with one kind of line end and no mark in front. Raises BrokenFiles for what is no plain text."""
    found: dict[str, str] = {}
    problems: dict[str, str] = {}
    for path, data in files.items():
        try:
            found[path] = _text(data)
        except ValueError as error:
            problems[path] = str(error)
    if problems:
        raise BrokenFiles(problems)
    return found


def _text(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise ValueError("It is larger than 64 kB. No card is so long; bring in the card alone.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            'It is not in UTF-8. Save it again with the encoding "UTF-8", and bring it in again.'
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any((unicodedata.category(letter) == "Cc" and letter not in "\n\t") or letter in _BREAKS for letter in text):
        raise ValueError("It holds marks that are no letters. Is it a plain text file? Save it as one.")
    return text
