"""The list of what was erased, kept outside every backup: whatever a restored backup brings back is erased again.

It holds HMACs under the deployment's secret, one a line, and is only ever added to. It tells nothing about anybody.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable
from pathlib import Path

from shared import private
from shared.engine.erasure import Subject
from shared.settings import Settings


def erased_list(settings: Settings, secret: str, old_secrets: Iterable[str] = ()) -> ErasedList:
    """The list of this deployment, which is read under every secret that it ever had."""
    return ErasedList(settings.erased or settings.home / "erased", secret, old_secrets)


class ErasedList:
    """One file. Several processes may add to it."""

    def __init__(self, path: Path, secret: str, old_secrets: Iterable[str] = ()) -> None:
        self.path = path
        self._secrets = [one.encode() for one in (secret, *old_secrets)]

    def add(self, subjects: Iterable[Subject]) -> None:
        """Adds these; on disk before it returns. One that is on the list already may come again."""
        lines = "".join(f"{_digest(self._secrets[0], one)}\n" for one in subjects)
        private.folder(self.path.parent)
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, lines.encode())
            os.fsync(file)
        finally:
            os.close(file)

    def among(self, subjects: Iterable[Subject]) -> list[Subject]:
        """Those of these that are on the list."""
        try:
            known = set(self.path.read_text("ascii").split())
        except FileNotFoundError:
            return []
        return [one for one in subjects if any(_digest(secret, one) in known for secret in self._secrets)]


def _digest(secret: bytes, subject: Subject) -> str:
    return hmac.new(secret, "\x1f".join(("erased", *subject)).encode(), hashlib.sha256).hexdigest()
