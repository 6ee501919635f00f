"""Files and folders that only their owner reads, whatever the umask says."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_FILE, _FOLDER, _OTHERS = 0o600, 0o700, 0o077


def folder(path: Path) -> None:
    """Makes this folder where it is missing. One that is there already stays as it is: `open_to_others` tells."""
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=True)
        path.chmod(_FOLDER)


def file(path: Path) -> None:
    """Makes this file where it is missing, empty. What a database writes beside it gets the same rights."""
    folder(path.parent)
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE)
    except FileExistsError:
        return
    os.fchmod(made, _FILE)
    os.close(made)


def write(path: Path, text: str) -> None:
    """Writes this file as a whole, in the place of an older one."""
    folder(path.parent)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    file(new)
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def open_to_others(home: Path) -> list[Path]:
    """This folder and whatever is in it, as far as others on this machine may do anything with it."""
    return [path for path in (home, *sorted(home.rglob("*"))) if _is_open(path)]


def _is_open(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:  # it was of a process that has just ended
        return False
    return not stat.S_ISLNK(found.st_mode) and bool(found.st_mode & _OTHERS)
