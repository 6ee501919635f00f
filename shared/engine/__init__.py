"""One batch of messages, one transaction: the engine, its tables, and what a decision may see."""
