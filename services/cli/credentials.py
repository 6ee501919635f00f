"""The keys that the command line keeps for its own use: one per hospital, in a file that only its owner reads."""

from __future__ import annotations

import json
import os
from pathlib import Path

FILE = "credentials.json"


def kept(home: Path) -> dict[str, str]:
    """hospital -> key."""
    try:
        found = json.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(hospital): str(key) for hospital, key in found.items()} if isinstance(found, dict) else {}


def keep(home: Path, hospital: str, key: str) -> Path:
    """Keeps the key of a hospital in the place of an older one."""
    home.mkdir(parents=True, exist_ok=True)
    path, new = home / FILE, home / f".{FILE}.new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept(home) | {hospital: key}, file, indent=2)
    new.replace(path)
    return path
