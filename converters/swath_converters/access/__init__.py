"""Files elsewhere: `fetch` gives one whole, `open_ranges` as a file that fetches what is read of it; `post` sends.

Nothing is opened that the `Policy` does not allow: scheme, host and port by name, every address that the host
resolves to, every redirect. The connection is made to an address that was checked. GDAL never opens a URL itself.
"""

from .fetching import fetch
from .posting import check_postable, post
from .ranges import RangeFile, open_ranges

__all__ = ["RangeFile", "check_postable", "fetch", "open_ranges", "post"]
