"""The registry at work: documents are checked, schemas are linted, models are generated."""
