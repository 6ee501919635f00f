"""Who is who, looked up when something is shown to somebody who may know; nothing of it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from services.cli.stop import Stop

if TYPE_CHECKING:
    from services.cli.client import Client

#: Staff and cases, as refs.
_REF = re.compile(r"\b[sc]-[2-9a-z]{10,12}\b")
_MOST = 100


async def look_up(client: Client, refs: Iterable[str | None]) -> dict[str, str]:
    """ref -> name, of those refs that the holder of the key may see by name."""
    wanted = sorted({ref for ref in refs if ref})
    if client.me.get("role") != "coordinator":
        return {}
    found: dict[str, str] = {}
    try:
        for start in range(0, len(wanted), _MOST):
            answer = await client.get("names", refs=",".join(wanted[start : start + _MOST]))
            found |= answer["names"]
    except Stop:
        return found  # a name is a help, not a condition
    return found


def refs_in(texts: Iterable[str]) -> set[str]:
    """The refs that these sentences mention."""
    return {ref for text in texts for ref in _REF.findall(text)}


def named(text: str, names: dict[str, str]) -> str:
    """The sentence with names for the refs that are known."""
    return _REF.sub(lambda found: names.get(found[0], found[0]), text)
