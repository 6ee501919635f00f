"""JSON from outside, read strictly: what parsers usually let through is found here, and told without content.

The limits are those that a report never needs; whoever exceeds them is not sending reports.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

MAX_ITEM = 256 * 1024
MAX_BODY = 8 * 1024 * 1024
MAX_DEPTH = 32
MAX_ITEMS = 10_000

_BOM = b"\xef\xbb\xbf"
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")


class NotJson(ValueError):
    """The bytes are no JSON that can be used. `reason` is a code without content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Flaw:
    """Stands in a parsed value where something cannot be used, so that one bad item of a batch harms only itself."""

    reason: str


def parse(raw: bytes, limit: int = MAX_ITEM) -> Any:
    """The value of a JSON text of at most `limit` bytes; look for flaws in it with `flaw`. Raises `NotJson`."""
    if len(raw) > limit:
        raise NotJson("too_large")
    if raw.startswith(_BOM):
        raise NotJson("byte_order_mark")
    try:
        return _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise NotJson("not_utf8") from None
    except RecursionError:
        raise NotJson("too_deep") from None
    except ValueError:
        raise NotJson("not_json") from None


def flaw(value: object) -> str | None:
    """The first reason for which a parsed value cannot be used; None when it can."""
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        reason = _own_flaw(item, depth)
        if reason:
            return reason
        if isinstance(item, dict):
            waiting += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            waiting += [(part, depth + 1) for part in item]
    return None


def _own_flaw(item: object, depth: int) -> str | None:
    if isinstance(item, Flaw):
        return item.reason
    if isinstance(item, str):
        return "unusable_character" if _UNUSABLE.search(item) else None
    if isinstance(item, float):
        return None if math.isfinite(item) else "not_a_number"
    return "too_deep" if depth > MAX_DEPTH and isinstance(item, dict | list) else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Flaw:
    table = dict(pairs)
    return table if len(table) == len(pairs) else Flaw("duplicate_key")


def _integer(digits: str) -> int | Flaw:
    return int(digits) if len(digits) <= 32 else Flaw("not_a_number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_constant=lambda _: Flaw("not_a_number")
)
