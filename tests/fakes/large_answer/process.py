"""An algorithm whose answer no socket takes at once."""


def process(size: int) -> dict[str, str]:
    """Text of that length.

    Args:
        size: characters, at least 0.
    """
    return {"text": "x" * size}
