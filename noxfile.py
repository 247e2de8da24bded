"""What is done with this repository: `nox -l` lists it; bare `nox` is what must pass before a change lands."""

import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "typing", "generate", "tests", "generated"]

UV = "uv==0.13.9"
PACKAGES = ("cli", "registry", "converters", "runtimes", "testing", "packager")
RUNTIMES = ("fastapi", "flask")
# Tests that speak to a runtime; the others say the same in every environment, and run in the first.
RUNTIME_TESTS = ("tests/contract", "tests/runtime", "tests/algorithms", "tests/packager", "tests/workspace")
# Long ones among those folders that speak to no runtime. What isn't named here runs in every environment.
CORE_TESTS = (
    "tests/packager/test_real_commands.py",
    "tests/packager/test_registry_client.py",
    "tests/packager/test_same_bytes.py",
    "tests/runtime/jobs/test_claims.py",
    "tests/runtime/jobs/test_databases.py",
    "tests/runtime/jobs/test_store.py",
    "tests/runtime/test_pool.py",
)

PROCESSES = 2  # that share the tests: most wait for a server or a child more than they compute


def sync(session: nox.Session, *groups: str, options: Sequence[str] = ()) -> None:
    """Put locked dependency groups into the session's environment: nothing is resolved, nothing else is added."""
    session.install(UV)
    wanted = [option for group in groups for option in ("--only-group", group)]
    place = session.virtualenv.location
    session.run_install(
        "uv",
        "sync",
        "--frozen",
        "--inexact",
        "--quiet",
        *wanted,
        *options,
        f"--python={place}",
        env={"UV_PROJECT_ENVIRONMENT": place},
    )


def sync_compiled(session: nox.Session, *groups: str) -> None:
    """The same with all modules compiled, for tests, which start hundreds of processes.

    uv leaves that to whoever imports, and PYTHONDONTWRITEBYTECODE, which many images set, lets none of them keep it.
    """
    sync(session, *groups, options=["--compile-bytecode"])
    session.run_install("python", "-m", "compileall", "-q", *PACKAGES)  # ours, which aren't in the environment's folder


def use_gpu(session: nox.Session) -> None:
    """Put the gpu profile's onnxruntime in the place of the other, which has the same modules."""
    profile = tomllib.loads(Path("packager/swath_packager/profiles/gpu.toml").read_text())
    python = f"--python={session.bin}/python"
    session.run_install("uv", "pip", "uninstall", python, "onnxruntime")
    wanted = [*profile["requirements"], *profile["constraints"]]
    session.run_install("uv", "pip", "install", python, "--reinstall-package=onnxruntime-gpu", *wanted)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and who may import whom."""
    sync(session, "all", "lint")
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check", *session.posargs)
    session.run("lint-imports", "--no-cache", silent=True)
    session.run("swath", "registry", "lint", silent=True)


@nox.session
def typing(session: nox.Session) -> None:
    """Strict types on every package of ours."""
    sync(session, "all", "test", "typing")
    session.run("pyright", "--pythonpath", f"{session.bin}/python", *(session.posargs or PACKAGES))


@nox.session
@nox.parametrize("runtime", RUNTIMES, ids=[f"runtime={one}" for one in RUNTIMES])
def tests(session: nox.Session, runtime: str) -> None:
    """The tests, in an environment in which the other runtime's framework does not exist."""
    sync_compiled(session, runtime, "test")
    said_already = [f"--ignore={one}" for one in CORE_TESTS]
    default = () if runtime == RUNTIMES[0] else (*RUNTIME_TESTS, *said_already)
    spread = f"--numprocesses={PROCESSES}"
    session.run("pytest", spread, *(session.posargs or default), env={"SWATH_TEST_RUNTIME": runtime})


@nox.session
def generated(session: nox.Session) -> None:
    """Requests, right and wrong, made of a service's own OpenAPI document; thousands of them with `-- -m thorough`."""
    sync_compiled(session, "generated")
    session.run("pytest", "-p", "no:schemathesis", "tests/generated", *(session.posargs or ("-m", "not thorough")))


@nox.session
def generate(session: nox.Session) -> None:
    """Models and bindings from the schemas: written with `-- --write`, else only checked for drift."""
    sync(session, "all")
    arguments = [one for one in session.posargs if one != "--write"]
    check = [] if "--write" in session.posargs else ["--check"]
    session.run("swath", "registry", "generate", *check, *arguments, silent=bool(check))


@nox.session
def package(session: nox.Session) -> None:
    """A container image of an algorithm, tried: `nox -s package -- cloud-detection --runtime flask`."""
    sync(session, "all")
    session.run("swath", "package", *(session.posargs or ("cloud-detection",)))


@nox.session
def lock(session: nox.Session) -> None:
    """Versions for algorithms that require nothing themselves, chosen anew: after a requirement of ours changed."""
    sync(session, "all")
    session.run("python", "-m", "swath_packager.service_lock")


@nox.session
def serve(session: nox.Session) -> None:
    """An algorithm over HTTP: `nox -s serve -- cloud-detection --runtime flask --port 9000`."""
    sync(session, "all")
    session.run("swath", "serve", *(session.posargs or ("cloud-detection",)))


@nox.session(name="swath")
def command(session: nox.Session) -> None:
    """Any other subcommand: `nox -s swath -- run cloud-detection --input image=scene.tif`."""
    sync(session, "all")
    session.run("swath", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Ratios against what one would use instead: `nox -s bench -- converters`."""
    sync(session, "all", "bench")
    if "gpu" in session.posargs and shutil.which("nvidia-smi"):
        use_gpu(session)
    session.run("python", "-m", "benchmarks", *session.posargs)
