"""An algorithm that breaks its own word: `value` is described as a number."""


def process() -> dict[str, str]:
    """A string where describe.yml says number."""
    return {"value": "twelve"}
