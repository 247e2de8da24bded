"""The registry at work: documents checked against the types of the field, schemas linted, models generated."""
