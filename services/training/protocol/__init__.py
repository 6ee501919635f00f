"""What training decides: who is qualified, and who may go on. Pure."""
