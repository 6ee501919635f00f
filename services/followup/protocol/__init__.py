"""What followup decides: the case, its clocks, and its conversations. Pure."""
