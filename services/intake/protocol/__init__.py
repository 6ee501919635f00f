"""What intake decides: which reports become an offer, when, and for whom. Pure."""
