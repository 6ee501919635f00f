"""naast processes that begin with everything loaded: processes of their own, which may be killed, without the seconds
that loading takes. One process loads it all, once, and every other is a fork of that one.

A process of naast that starts as people start it is in tests/journeys/test_cli_up.py.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from shared.messages import SERVICES

#: Whatever a process needs before it answers.
_LOADED = ["tests.live.forked", "services.cli.main", "services.house.embedded", "services.house.replica"]
_LOADED += ["shared.bus.rabbit"]
_LOADED += [f"services.{name}.{part}" for name in SERVICES for part in ("app", "tables")]
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(_LOADED)
#: A letter that a dead process held is sent by another after so long; in a hospital a mail server may take longer.
_LETTER_GRACE = timedelta(seconds=4)


def naast(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> BaseProcess:
    """Starts `naast` with these arguments in the folder of `log`, to which everything goes that it says."""
    process = _forks.Process(target=_run, args=(list(arguments), dict(environment), log), daemon=True)
    process.start()
    return process


def _run(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    os.chdir(log.parent)
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    for name in ("shared.engine.outgoing", "shared.engine.engine", "shared.bus.letters"):
        vars(importlib.import_module(name))["LETTER_GRACE"] = _LETTER_GRACE
    importlib.reload(importlib.import_module("shared.crashpoint"))  # it reads the environment
    sys.argv = ["naast", *arguments]
    importlib.import_module("services.cli.main").main()
