"""The keys that the command line keeps for its own use, in a file that only its owner reads.

A key is kept for the place that it was made for, and is given to no other: what a folder holds in `.env` may say where
to go, but not what to take along.
"""

from __future__ import annotations

import json
from pathlib import Path

from shared import private

FILE = "credentials.json"
#: The place of a key that was made for the house of this machine.
HERE = ""


def kept(home: Path, place: str = HERE) -> dict[str, str]:
    """The keys for this place, by hospital. `place`: what NAAST_URL says, or HERE."""
    return _all(home).get(place.rstrip("/"), {})


def keep(home: Path, hospital: str, key: str, place: str = HERE) -> Path:
    """Keeps the key of a hospital in the place of an older one."""
    found, place = _all(home), place.rstrip("/")
    found[place] = found.get(place, {}) | {hospital: key}
    private.write(home / FILE, json.dumps(found, indent=2))
    return home / FILE


def _all(home: Path) -> dict[str, dict[str, str]]:
    """place -> hospital -> key."""
    try:
        found = json.loads((home / FILE).read_text(encoding="utf-8"))
        return {str(place): {str(id): str(key) for id, key in keys.items()} for place, keys in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}
