"""The settings of hospitals as one transaction sees them: each looked up once, or why there is nothing to decide on."""

from __future__ import annotations

from collections.abc import Callable

from shared.hospital.folder import NotInForce
from shared.hospital.settings import Hospital

#: Why nothing is decided for a hospital whose settings have a mistake, and for one that nobody knows.
NOT_IN_FORCE, UNKNOWN = "settings_not_in_force", "unknown_hospital"


class Known:
    """hospital: as `Hospitals` finds it."""

    def __init__(self, hospital: Callable[[str], Hospital]) -> None:
        self._hospital = hospital
        self._found: dict[str, Hospital | str] = {}

    def get(self, id: str) -> Hospital | str:
        """The settings, or a code for why there are none."""
        if id not in self._found:
            self._found[id] = self._look_up(id)
        return self._found[id]

    def waits(self, id: str) -> bool:
        """Whether what is asked of it waits until its settings are mended."""
        found = self.get(id)
        return isinstance(found, str) and found == NOT_IN_FORCE

    def _look_up(self, id: str) -> Hospital | str:
        try:
            return self._hospital(id)
        except NotInForce:
            return NOT_IN_FORCE
        except KeyError:
            return UNKNOWN
