"""Servers as processes, and a client that costs next to nothing."""
