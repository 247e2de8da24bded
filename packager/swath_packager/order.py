"""What was asked for, understood: an algorithm, a profile and a plan."""

from dataclasses import dataclass

from swath_algorithm.folder import Algorithm, open_algorithm
from swath_packager.plan import Plan, make_plan
from swath_packager.profile import Profile, read_profile
from swath_packager.runtimes import distribution_of


@dataclass(frozen=True)
class Order:
    """What was asked for, understood: the algorithm, the profile, the plan, and the base that was named (or None)."""

    algorithm: Algorithm
    profile: Profile
    plan: Plan
    base: str | None

    @property
    def file_name(self) -> str:
        """Name of the archive where none was given."""
        plan = self.plan
        return f"{plan.algorithm}-{plan.version}-{plan.runtime}-{plan.profile}.tar"


def order(algorithm: str, runtime: str, profile: str, *, base: str | None = None, tag: str | None = None) -> Order:
    """The order that some words mean; raises what is wrong with them, before anything is made."""
    distribution = distribution_of(runtime)
    chosen = read_profile(profile)
    opened = open_algorithm(algorithm)
    return Order(opened, chosen, make_plan(opened, runtime, distribution, chosen, base=base, tag=tag), base)
