"""The deployment that is counted from outside."""

from tests.live.counted import deployment

__all__ = ["deployment"]
