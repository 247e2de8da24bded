"""Makes a distribution of the project."""
