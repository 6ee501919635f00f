"""Where letters leave."""
