"""Licences in SPDX's words where they can be put so, else in the author's own."""

from collections.abc import Iterable, Sequence
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

# What Trove classifiers, older metadata and Debian's copyright files say, where it means exactly one SPDX licence.
_MEANT = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "mit license": "MIT",
    "expat": "MIT",
    "isc license (iscl)": "ISC",
    "isc license": "ISC",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mpl 2.0": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
    "3-clause bsd": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd-2-clause": "BSD-2-Clause",
    "gpl-1": "GPL-1.0-only",
    "gpl-1+": "GPL-1.0-or-later",
    "gpl-2": "GPL-2.0-only",
    "gpl-2+": "GPL-2.0-or-later",
    "gpl-2.0+": "GPL-2.0-or-later",
    "gpl-3": "GPL-3.0-only",
    "gpl-3+": "GPL-3.0-or-later",
    "lgpl-2": "LGPL-2.0-only",
    "lgpl-2+": "LGPL-2.0-or-later",
    "lgpl-2.0+": "LGPL-2.0-or-later",
    "lgpl-2.1": "LGPL-2.1-only",
    "lgpl-2.1+": "LGPL-2.1-or-later",
    "lgpl-3": "LGPL-3.0-only",
    "lgpl-3+": "LGPL-3.0-or-later",
    "gfdl-1.3+": "GFDL-1.3-or-later",
}
_LONGEST = 120  # characters of a licence's name; what is longer is the licence itself


def spdx_of(said: str) -> str | None:
    """The SPDX expression that a text is or means, or None."""
    text = " ".join(said.split())
    try:
        return str(canonicalize_license_expression(_MEANT.get(text.lower(), text)))
    except (InvalidLicenseExpression, ValueError):
        return None


def licences_of(said: Sequence[str]) -> list[dict[str, Any]]:
    """CycloneDX's `licenses` of a part to which all these licences apply; empty where nothing is said."""
    named = sorted({" ".join(one.split())[:_LONGEST] for one in said if one.strip()})
    if not named:
        return []
    expressions = {one: spdx_of(one) for one in named}
    known = sorted({one for one in expressions.values() if one})
    if all(expressions.values()):
        return [{"expression": _joined(known)}]
    return [{"license": {"name": one}} for one in sorted({spdx_of(one) or one for one in named})]


def _joined(expressions: Iterable[str]) -> str:
    parts = list(expressions)
    if len(parts) == 1:
        return parts[0]
    return " AND ".join(f"({one})" if " OR " in one else one for one in parts)
