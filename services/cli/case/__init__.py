"""`naast case`, `explain` and what else is about one case."""
