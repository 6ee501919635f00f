"""One letter at a time: what goes wrong with one is that letter's alone.

It waits where its hospital's settings are not in force. Where its sending raises what nobody foresaw it is put off,
each time for longer, and after some tries it is set aside and told as failed, so that a person can act.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from shared.bus.steady import told
from shared.crashpoint import crashpoint
from shared.db import is_passing
from shared.engine.engine import Engine, Parcel
from shared.messages import Event, Letter, Message

#: Sends one letter and gives the receipt; None: it could not be tried now, try again later.
Carrier = Callable[[Event], Awaitable[Message | None]]

#: Why a letter failed that could not be sent for a reason that nobody foresaw.
UNSENDABLE = "unsendable"


async def carried(engine: Engine, carrier: Carrier, parcel: Parcel) -> Message | None:
    """The receipt of a letter; None: it stays pending and is due again later. Raises only what will pass."""
    if engine.out_of_force(parcel.event.hospital):
        return None
    try:
        receipt = await carrier(parcel.event)
    except Exception as error:
        await _failed(engine, parcel, error)
        return None
    crashpoint("mail_after_send")
    return receipt


async def _failed(engine: Engine, parcel: Parcel, error: Exception) -> None:
    """What passes is tried again for ever: at once when the database is back, later when it was never away."""
    passes = is_passing(error)
    if passes and not await engine.database.ping():
        raise error
    told(engine.metrics, engine.name, "letters", error)
    if await engine.put_off(parcel, for_ever=passes):
        return
    assert isinstance(parcel.event.data, Letter)
    receipt = parcel.event.data.failed(UNSENDABLE)
    engine.metrics.notice(parcel.event.hospital, "failed")
    await engine.finish([(parcel, receipt)], given_up=f"{UNSENDABLE}_{type(error).__name__}")
