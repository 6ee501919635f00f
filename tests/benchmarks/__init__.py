"""Speed and memory, measured on real servers. Never a timed test: figures depend on the machine, ratios less so."""
