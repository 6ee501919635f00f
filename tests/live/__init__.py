"""Real services on real servers."""
