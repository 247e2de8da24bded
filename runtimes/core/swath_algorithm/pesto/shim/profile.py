"""The profile that a service runs under, for a project written for PESTO; part of Swath, not of PESTO."""

import os


class Pesto:
    """Answers from `PESTO_PROFILE` where that is set, else from `SWATH_PROFILE`, which every Swath server has."""

    @staticmethod
    def get_profile() -> str:
        """Names joined by hyphens, such as "cpu"."""
        return os.environ.get("PESTO_PROFILE") or os.environ.get("SWATH_PROFILE") or "cpu"

    @staticmethod
    def is_profile_active(profile: str) -> bool:
        """Whether it is one of the names: the whole name, not a part of it."""
        return profile in Pesto.get_profile().split("-")
