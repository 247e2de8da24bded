"""What was built, tried: started as it would be in production, and given the algorithm's own examples."""

import contextlib
import http.client
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from swath_algorithm.folder import Algorithm
from swath_packager.build import Built
from swath_packager.compiling import find_python
from swath_packager.engine import Engine, require_engine
from swath_packager.errors import EngineFailed, ImageMissing, TrialFailed
from swath_packager.image import labels_of
from swath_packager.inside import PORT, ROOT, USER
from swath_packager.labels import PROFILE_LABEL
from swath_packager.order import Order
from swath_packager.parts import Parts, make_parts, make_wheels
from swath_packager.plan import Plan
from swath_packager.profile import Profile, known_profiles, read_profile
from swath_packager.resolution import resolve
from swath_packager.resolver import Target
from swath_packager.store import Store
from swath_packager.trees import lay_out

if TYPE_CHECKING:
    from swath_testing.report import Report as Outcome

READY_S = 60.0
STOP_S = 30.0
_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy stands before this machine itself
HARDENING = (
    "--read-only",
    "--tmpfs",
    "/tmp",  # noqa: S108
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
    "--user",
    USER,
)


@dataclass(frozen=True)
class Trial:
    """How the examples went, and where they were run, in words; `outcome` is None where they were not."""

    where: str
    outcome: "Outcome | None"

    @property
    def passed(self) -> bool:
        """Whether nothing failed; an algorithm without examples has nothing that could."""
        return self.outcome is None or not self.outcome.results or self.outcome.passed


def try_in_engine(wanted: Order, engine: Engine, report: Callable[[str], None], *, image: str | None = None) -> Trial:
    """Run the examples against a container of the image (by its id, or by the plan's tag), hardened.

    Raises TrialFailed where it does not start.
    """
    if reason := _hardware_missing(wanted.profile):
        return Trial(reason, None)
    with _container(image or wanted.plan.tag, wanted.profile.trial_options, engine, wanted.plan.tag) as address:
        report(f"running the examples against a container at {address}")
        return Trial(
            "in a container: read-only, no capabilities, not root", _outcome(wanted.algorithm, f"http://{address}")
        )


@contextlib.contextmanager
def serving_image(reference: str) -> Generator[str]:
    """Base URL of a hardened container of an image that the engine holds; what `swath test --on image:TAG` opens.

    Raises EngineMissing, ImageMissing, EngineFailed or TrialFailed.
    """
    engine = require_engine(f"image:{reference}")
    described = engine.inspect(reference)
    if described is None:
        raise ImageMissing(reference)
    profile = labels_of({"config": described["Config"]}).get(PROFILE_LABEL)
    options = read_profile(profile).trial_options if profile in known_profiles() else ()
    with _container(reference, options, engine) as address:
        yield f"http://{address}"


def try_without_engine(wanted: Order, built: Built, store: Store, report: Callable[[str], None]) -> Trial:
    """Run the examples on the same wheels without a container; raises TrialFailed where the service does not start.

    Where this machine has no Python of the image's minor version, the same locked versions are installed for this one.
    """
    if reason := _hardware_missing(wanted.profile):
        return Trial(reason, None)
    python, parts, where = _parts_for_here(wanted, built, store, report)
    with store.workplace() as place:
        for tree in parts.trees.values():
            lay_out(tree.folder, place / tree.destination.strip("/"))
        with _process(wanted.plan, python, place) as address:
            report(f"running the examples without a container at {address}")
            return Trial(where, _outcome(wanted.algorithm, f"http://{address}"))


def _outcome(algorithm: Algorithm, base_url: str) -> "Outcome":
    from swath_testing.run import run_cases

    return run_cases(algorithm, base_url)


def _hardware_missing(profile: Profile) -> str | None:
    """Why the profile cannot be tried on this machine, or None where it can."""
    check = profile.trial_check
    if not check:
        return None
    if shutil.which(check[0]) is None or subprocess.run(check, capture_output=True, check=False).returncode != 0:
        return f"`{' '.join(check)}` finds no hardware for the profile {profile.name}"
    return None


@contextlib.contextmanager
def _container(image: str, options: Sequence[str], engine: Engine, name: str | None = None) -> Generator[str]:
    tag = name or image
    container = engine.run(image, [*HARDENING, "--publish", f"127.0.0.1::{PORT}", *options])
    try:
        address = _published(engine, container, tag)
        _wait(tag, address, lambda: bool(engine.state(container)["Running"]), lambda: engine.logs(container))
        yield address
    finally:
        engine.remove(container)


def _published(engine: Engine, container: str, tag: str) -> str:
    try:
        return engine.published(container, PORT)
    except EngineFailed as error:  # a container that left at once publishes nothing
        raise TrialFailed(tag, "its container left at once", engine.logs(container)) from error


@contextlib.contextmanager
def _process(plan: Plan, python: Path, place: Path) -> Generator[str]:
    """The service as a process of this machine, from the image's own folders laid out below `place`.

    `-S` keeps this machine's own packages out of its sight.
    """
    from swath_testing.targets import reserved_port

    with reserved_port() as port, _service(plan, python, place, port) as address:
        yield address


@contextlib.contextmanager
def _service(plan: Plan, python: Path, place: Path, port: int) -> Generator[str]:
    own = {name: value.replace(ROOT, f"{place}{ROOT}") for name, value in plan.env.items()}
    environment = {
        **own,
        "PATH": os.environ.get("PATH", ""),
        "SWATH_HOST": "127.0.0.1",
        "SWATH_PORT": str(port),
    }
    log = place / "service.log"
    with log.open("wb") as stream:
        service = subprocess.Popen(
            [str(python), "-S", *plan.command[1:]], env=environment, stdout=stream, stderr=stream
        )
    try:
        address = f"127.0.0.1:{port}"
        _wait(plan.tag, address, lambda: service.poll() is None, lambda: _tail(log))
        yield address
    finally:
        service.terminate()
        try:
            service.wait(STOP_S)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()


def _parts_for_here(
    wanted: Order, built: Built, store: Store, report: Callable[[str], None]
) -> tuple[Path, Parts, str]:
    """A Python of this machine, the image's parts as that Python can import them, and what to call it."""
    minor = built.target.python
    if python := find_python(minor):
        return (
            python,
            built.parts,
            f"without a container: the image's own wheels, under this machine's Python {minor}",
        )
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    sought = wanted.wanted
    pinned = replace(sought, constraints=(*sought.constraints, *built.parts.lock.pins))
    target = Target(here, built.target.architecture)
    lock = resolve(pinned, target, store, report)
    wheels = make_wheels(wanted, target, store, report, lock=lock)
    parts = make_parts(wanted, built.base, wheels, target, store, report)
    where = (
        f"without a container: the image's versions, installed for this machine's Python {here} (the image has {minor})"
    )
    return Path(sys.executable), parts, where


def _wait(tag: str, address: str, runs: Callable[[], bool], log: Callable[[], str]) -> None:
    """Until the service says that it is ready; raises TrialFailed where it ends, or takes longer than READY_S."""
    limit = time.monotonic() + READY_S
    while time.monotonic() < limit:
        if _is_ready(address):
            return
        if not runs():
            raise TrialFailed(tag, "the service ended before it was ready", log())
        time.sleep(0.1)
    raise TrialFailed(tag, f"the service was not ready after {READY_S:.0f} s", log())


def _is_ready(address: str) -> bool:
    try:
        with _LOCAL.open(f"http://{address}/api/v1/ready", timeout=5) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException):  # not listening yet, or 503 while it warms up
        return False


def _tail(log: Path, lines: int = 30) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:])
