"""`naast supporters`, `availability` and `on-call`: who can be asked, and when."""
