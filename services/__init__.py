"""The naast services: intake, matching, followup and training, each in a folder of the same shape."""
