"""What every service uses, and nothing that knows a rule of the protocol."""
