"""What people ask of training."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.messages.base import Command


class Nominate(Command):
    """`by` nominates `supporter`; a coordinator may pass on somebody else's nomination in `nominator`."""

    about: ClassVar[str] = "supporter"
    supporter: str
    nominator: str


class CompleteTraining(Command):
    about: ClassVar[str] = "supporter"
    supporter: str
    on: date


class AttendIntervisie(Command):
    about: ClassVar[str] = "supporter"
    supporter: str
    on: date
