"""Where people ask matching and tell it something."""
