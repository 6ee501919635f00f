"""The tests, in folders named after what a test needs, and the real servers and helpers that they share."""
