"""What a caller may make this process read, and how much of it."""

from dataclasses import dataclass
from pathlib import Path

READABLE_SCHEMES = frozenset({"file"})
"""Schemes that can be allowed; `data:` and `cid:` open nothing and are always readable."""


@dataclass(frozen=True)
class Policy:
    """Limits and permissions for reading images; the default opens no URI at all.

    Attributes:
        max_pixels: most pixels of one band (width × height).
        max_bands: most bands of one image.
        max_decoded_bytes: most bytes of an image in memory (width × height × bands × bytes per sample).
        max_encoded_bytes: most bytes of a file that is opened by URI.
        schemes: URI schemes that may be opened, of `READABLE_SCHEMES`.
        roots: folders below which `file:` URIs may be opened, after symbolic links are resolved.
    """

    max_pixels: int = 400_000_000
    max_bands: int = 512
    max_decoded_bytes: int = 1 << 30
    max_encoded_bytes: int = 1 << 30
    schemes: frozenset[str] = frozenset()
    roots: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        unknown = sorted(self.schemes - READABLE_SCHEMES)
        if unknown:
            raise ValueError(f"Policy.schemes: {', '.join(unknown)} cannot be read; known: file.")
        if ("file" in self.schemes) != bool(self.roots):
            raise ValueError("Policy: the scheme 'file' and roots go together; use Policy.below(folder, …).")

    @classmethod
    def below(cls, *roots: Path) -> "Policy":
        """A policy that opens `file:` URIs below these folders, with the default limits."""
        return cls(schemes=frozenset({"file"}), roots=roots)
