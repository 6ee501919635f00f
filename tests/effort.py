"""How much a test does of what could go on for hours: a share, or with `./dev test --long` what is worth a night.

It is the one place that knows which of the two this run is, and how long to wait for what must come.
"""

#: Seconds for which a test waits for what must come. Nothing is measured by it: a machine may be as slow as it is.
PATIENCE = 300
_long = False


def go_on_for_long() -> None:
    """Said once, before any test is read."""
    global _long
    _long = True


def effort(usual: int, long: int) -> int:
    """How many of them in this run."""
    return long if _long else usual
