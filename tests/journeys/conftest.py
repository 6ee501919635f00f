"""A town with two small hospitals, whose staff lists hold the same people; and a terminal with a house of its own."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.cli.desk import Desk
from tests.journeys.listening import Services
from tests.journeys.staff import write_hospital
from tests.journeys.terminal import Terminal
from tests.journeys.town import Town, open_town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    for id in ("example", "elsewhere"):
        write_hospital(tmp_path / "hospitals", id)
    async with open_town(tmp_path) as town:
        yield town


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal on an empty machine; what it does to the log of this process is undone."""
    terminal = Terminal(tmp_path)
    for name in ("URL", "KEY", "HOSPITAL", "LANG", "SECRET", "AMQP_URL", "DATABASE_URL", "SMTP_URL"):
        monkeypatch.delenv(f"NAAST_{name}", raising=False)
    monkeypatch.setenv("NAAST_HOME", str(terminal.home))
    monkeypatch.setenv("NAAST_HOSPITALS", str(terminal.hospitals))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield terminal
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def services(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Services of a hospital in Amsterdam, with nothing behind them."""
    write_hospital(terminal.hospitals, "example")
    services = Services()
    monkeypatch.setattr(Desk, "client", services.client)
    return services
