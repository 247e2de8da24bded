"""What the tests of requests share."""

import pytest

from swath_converters import Policy
from swath_converters.access import fetch, open_ranges
from swath_converters.errors import AccessDenied, ConversionError

CONTENT = b"some bytes of an image"
NAME = "data.example.test"
READERS = [fetch, lambda uri, policy: open_ranges(uri, policy).close()]


def refuses(uri: str, policy: Policy, error: type[ConversionError] = AccessDenied, match: str | None = None) -> None:
    """Both ways of reading raise the error."""
    for reader in READERS:
        with pytest.raises(error, match=match):
            reader(uri, policy)
