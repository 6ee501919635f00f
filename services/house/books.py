"""The rulebooks of all services, and whether a hospital's own values fit them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.hospital import Hospital
    from shared.mistake import Mistake
    from shared.rulebook import Rulebook

#: In the order in which a case meets them.
BOOKS = ("intake", "matching", "followup", "training")


def all_books() -> list[Rulebook]:
    """The rulebooks of the services, in the order in which a case meets them."""
    return [import_module(f"services.{name}.protocol.rules").RULES for name in BOOKS]


def mistakes(hospital: Hospital) -> tuple[Mistake, ...]:
    """What of a hospital's own values fits no rule; settings that hold such a value are not in force."""
    if not hospital.rules:
        return ()
    from shared.rulebook import check_overrides

    return check_overrides(all_books(), hospital.rules)
