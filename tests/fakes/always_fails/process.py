"""An algorithm with a fault: the text of its error holds what no caller may ever see.

Tests look for `MARKER`, and for the value that they sent as `text`, in answers (must be absent).
"""

MARKER = "token=never-show-this-b1946ac9"


def process(text: str) -> dict[str, str]:
    """Nothing.

    Raises:
        RuntimeError: always; its text holds `MARKER` and the input.
    """
    raise RuntimeError(f"cannot open https://user:{MARKER}@models.swath.example for {text}")
