"""Pydantic models generated from the registry: `swath_types.image.v1_0_0.Image` and so on.

Nothing is imported before it is asked for. A model checks and reads a document; it doesn't replace it: hash,
store and forward the document itself, never a dump of the model.
"""
