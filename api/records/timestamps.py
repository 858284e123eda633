"""A timestamp (RFC 3161) of each head, by a server elsewhere: proof that the head was there at that moment."""

import logging
from pathlib import Path

import httpx
from rfc3161_client import PKIStatus, TimeStampRequest, TimestampRequestBuilder, decode_timestamp_response

from api.records.heads import Head, HeadFolder

_log = logging.getLogger(__name__)
_SECONDS = 10.0
_QUERY = {"content-type": "application/timestamp-query", "accept": "application/timestamp-reply"}


class NoTimestamp(ValueError):
    """The server's answer is no timestamp of what was asked."""


class Timestamps:
    """Asks one server. A timestamp is kept beside its head, in a file with the same name and the ending `.tsr`."""

    def __init__(self, url: str, folder: HeadFolder, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._folder, self._transport = url, folder, transport

    async def stamp(self, head: Head, file: Path) -> None:
        """Has a head timestamped. Never raises for a server that is away or answers with something else: logs it."""
        asked = TimestampRequestBuilder().data(head.body().encode()).build()
        try:
            answer = await self._ask(asked.as_bytes())
            must_be_of(answer, asked)
            self._folder.put(file.with_suffix(".tsr"), answer)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            _log.warning("this head has no timestamp: %s", type(error).__name__)

    async def _ask(self, query: bytes) -> bytes:
        async with httpx.AsyncClient(transport=self._transport, timeout=_SECONDS, trust_env=False) as client:
            answer = await client.post(self._url, content=query, headers=_QUERY)
        answer.raise_for_status()
        return answer.content


def must_be_of(answer: bytes, asked: TimeStampRequest) -> None:
    """Raises NoTimestamp, or a ValueError, for an answer that is no timestamp of what was asked.

    Who signed it is left to whoever needs the proof: `openssl ts -verify` with the server's certificate.
    """
    found = decode_timestamp_response(answer)
    if found.status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
        raise NoTimestamp
    told = found.tst_info
    if told.nonce != asked.nonce or told.message_imprint.message != asked.message_imprint.message:
        raise NoTimestamp
