"""Generated: one module for each version that has one before it."""
