"""Attacks from outside, each in the words of what it would take."""
