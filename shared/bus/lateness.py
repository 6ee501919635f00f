"""How late the oldest thing is that should have left a service by now, wherever it goes."""

from __future__ import annotations

from shared.engine.engine import Engine


async def measure(engine: Engine) -> int:
    """Shows it in seconds. Nothing was done: 0."""
    due = await engine.next_due(engine.name, "mail", *engine.destinations)
    late = (engine.clock.now() - due).total_seconds() if due is not None else 0.0
    engine.metrics.pending_age.labels(engine.name).set(max(0.0, late))
    return 0
