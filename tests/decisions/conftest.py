"""Generated examples take as long as a busy machine needs: no decision here is a matter of time."""

from hypothesis import settings

settings.register_profile("naast", deadline=None)
settings.load_profile("naast")
