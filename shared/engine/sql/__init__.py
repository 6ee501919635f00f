"""What the engine does with its tables, as SQL that a reader can see: one file for each database."""
