"""What can go wrong with a bill of materials."""

from swath_packager.errors import PackagerError


class SbomMissing(PackagerError):
    """An image or archive that carries no bill of materials."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} has no bill of materials: {reason}")
        self.where = where
        self.hint = "give image:TAG or an archive that swath package wrote"
