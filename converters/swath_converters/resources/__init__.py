"""Files that a description names by URI and SHA-256, such as models: fetched once, kept by digest, right or not at all.

For what an operator or an author names. What a caller of a service names goes through `swath_converters.access`,
which opens only what a policy allows.
"""

from .cache import at_hand, cache_folder, is_uri, obtain
from .errors import ResourceCorrupt, ResourceError, ResourceUnavailable, UriUnusable

__all__ = [
    "ResourceCorrupt",
    "ResourceError",
    "ResourceUnavailable",
    "UriUnusable",
    "at_hand",
    "cache_folder",
    "is_uri",
    "obtain",
]
