"""HTTP for people and feeds: who may come in, and what they are answered."""
