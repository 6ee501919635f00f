"""What matching decides: who is asked, and what follows from the answer. Pure."""
