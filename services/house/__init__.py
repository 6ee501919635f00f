"""Puts the services together: all in one process, or one on its own."""
