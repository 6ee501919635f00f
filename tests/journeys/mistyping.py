"""A hand that slips in a hospital's settings, and mends it."""

from __future__ import annotations

import os
from pathlib import Path

#: A rule that is none, as somebody may type it.
SLIP = 'MATCH-55 = "2"'
FIELD = "rules.MATCH-55"


def mistype(root: Path, hospital: str = "example") -> None:
    file = root / hospital / "hospital.toml"
    text = file.read_text()
    text = text if "[rules]\n" in text else f"{text}\n[rules]\n"
    _write(file, text.replace("[rules]\n", f"[rules]\n{SLIP}\n"))


def mend(root: Path, hospital: str = "example") -> None:
    file = root / hospital / "hospital.toml"
    _write(file, file.read_text().replace(f"{SLIP}\n", ""))


def _write(file: Path, text: str) -> None:
    """Another moment than the last time, however quickly it is written again."""
    before = file.stat().st_mtime
    file.write_text(text)
    os.utime(file, (before + 1, before + 1))
