"""`naast` at a terminal: one command a module, in rooms; `main.py` puts them together."""
