"""Named places where a test may end the process at once. Inert unless a test arms one.

Armed by the environment variable NAAST_CRASH_AT="<name>" or "<name>:<n>" for the n-th passage.
"""

from __future__ import annotations

import os
import signal

NAMES = (
    "before_commit",
    "after_commit_before_publish",
    "after_publish_before_delete",
    "before_ack",
    "timer_before_commit",
    "timer_after_commit",
    "mail_after_send",
)

_name, _, _count = os.environ.get("NAAST_CRASH_AT", "").partition(":")
_left = int(_count or 1)


def crashpoint(name: str) -> None:
    """Kills this process without any goodbye if a test armed this name and the passage is the chosen one."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
