"""Each value times a factor."""


def process(values: list[float], factor: float) -> dict[str, list[float]]:
    """Products of the values and the factor.

    Args:
        values: any finite numbers.
        factor: what each is multiplied by.

    Returns:
        products: one for each value, in the same order.
    """
    return {"products": [value * factor for value in values]}
