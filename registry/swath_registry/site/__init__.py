"""The registry as plain files: schemas at immutable addresses, and pages to read them on, with or without a server."""
