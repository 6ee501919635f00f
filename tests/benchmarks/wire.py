"""A small HTTP client that costs the machine little: connections that stay open, one request at a time on each."""

import asyncio
import time
from dataclasses import dataclass, field

#: A server may close a connection that nobody used for a few seconds.
_FRESH_SECONDS = 3.0


@dataclass
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: float


@dataclass
class Wire:
    """Requests to one service. More requests than `most` wait for a free connection."""

    port: int
    most: int = 64
    _idle: list[_Line] = field(default_factory=list)
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.most)

    async def get(self, path: str, key: str) -> bytes:
        """The body of the answer. Raises RuntimeError unless it was 2xx."""
        return await self._ask("GET", path, key, b"", "")

    async def post(self, path: str, key: str = "", body: bytes = b"", kind: str = "application/json") -> bytes:
        """The body of the answer. Raises RuntimeError unless it was 2xx."""
        return await self._ask("POST", path, key, body, kind)

    async def _ask(self, method: str, path: str, key: str, body: bytes, kind: str) -> bytes:
        async with self._free:
            line = await self._line()
            head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
            about = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body or method == "POST" else ""
            line.writer.write(f"{head}{about}\r\n".encode() + body)
            answer = (await line.reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(answer.partition("content-length: ")[2].partition("\r\n")[0])
            content = await line.reader.readexactly(length)
            line.used = time.monotonic()
            self._idle.append(line)
        if not answer.startswith("http/1.1 2"):
            raise RuntimeError(f"{method} {path}: {answer.splitlines()[0]} {content[:300].decode()}")
        return content

    async def close(self) -> None:
        for line in self._idle:
            line.writer.close()
        self._idle.clear()

    async def _line(self) -> _Line:
        while self._idle:
            line = self._idle.pop()
            if time.monotonic() - line.used < _FRESH_SECONDS:
                return line
            line.writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        return _Line(reader, writer, time.monotonic())
