"""Twice a number."""


def process(number: float) -> dict:
    """The number and itself, added."""
    return {"number": number + number}
