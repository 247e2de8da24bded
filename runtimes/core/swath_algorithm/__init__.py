"""An algorithm folder: its description, its signature and its examples, read without importing it."""
