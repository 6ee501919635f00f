"""Structured logs without content: codes, counts and refs of nothing but services. JSON lines on stderr."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def set_up(level: str = "INFO") -> None:
    """One JSON line per event, also for the libraries that use the standard logging."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_messages_of_others,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("aio_pika", "aiormq", "asyncio", "uvicorn.access", "httpx2", "faststream", "naast.bus.faststream"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)


def logger(name: str) -> Any:
    """A logger whose events are codes; pass values as keywords."""
    return structlog.stdlib.get_logger(f"naast.{name}")


def _without_messages_of_others(_: object, __: str, line: Any) -> Any:
    """An exception's text may quote a row or a message: only its class is kept."""
    if line.pop("exc_info", None) or line.pop("exception", None):
        line["failed"] = True
    return line
