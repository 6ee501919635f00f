"""Where the outside comes into intake, and where people are told."""
