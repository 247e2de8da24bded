"""A PESTO project, made into an algorithm folder: `take_over.take_over`."""
