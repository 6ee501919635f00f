"""Whole stories on all services together, told by what people see: letters, pages and answers."""
