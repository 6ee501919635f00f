"""`naast run`, `doctor`, `keys`, `db` and `dead-letters`: to operate it."""
