"""Where people ask training and tell it something."""
