"""`naast hospital` and `rules`: what a hospital has settled."""
