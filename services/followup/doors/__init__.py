"""Where people ask followup and tell it something."""
