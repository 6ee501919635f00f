"""What people ask of training."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.messages.base import Command
from shared.messages.refs import StaffRef


class Nominate(Command):
    """`by` nominates `supporter`; a coordinator may pass on somebody else's nomination in `nominator`."""

    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    nominator: StaffRef


class CompleteTraining(Command):
    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    on: date


class AttendIntervisie(Command):
    about: ClassVar[str] = "supporter"
    supporter: StaffRef
    on: date
