"""Where reports come in, whatever brought them, and what each format means."""
