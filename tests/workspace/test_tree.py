"""The tree keeps its promises: nothing shadows a framework, what is generated is current, imports stay light."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("folder", ["runtimes", "runtimes/fastapi", "runtimes/flask", "runtimes/core", "tests", "."])
def test_no_package_shadows_a_framework(folder):
    assert not (ROOT / folder / "__init__.py").exists()


@pytest.mark.parametrize("name", ["fastapi", "flask"])
def test_a_framework_that_is_imported_is_the_real_one(name):
    found = importlib.util.find_spec(name)
    if found is None:
        pytest.skip(f"{name} is not installed in this environment")
    assert found.origin is not None
    assert not Path(found.origin).is_relative_to(ROOT / "runtimes")


def test_the_environment_of_one_runtime_lacks_the_other_framework():
    alone = os.environ.get("SWATH_TEST_RUNTIME")
    if alone is None:
        pytest.skip("only the sessions tests(runtime=…) make an environment for one runtime alone")
    absent = {"fastapi": ("flask", "gunicorn", "werkzeug"), "flask": ("fastapi", "uvicorn", "starlette")}[alone]
    assert importlib.util.find_spec(alone) is not None
    assert [name for name in absent if importlib.util.find_spec(name)] == []


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import swath_types", ("pydantic", "numpy", "rasterio")),
        ("import swath_schemas", ("pydantic", "numpy", "jsonschema_rs")),
        ("import swath_converters", ("rasterio", "onnxruntime")),
        ("from swath_runtime import Context", ("numpy", "rasterio", "onnxruntime", "fastapi", "flask")),
        ("import swath_packager.plan", ("numpy", "docker", "fastapi", "flask", "onnxruntime")),
    ],
)
def test_an_import_brings_nothing_heavy_with_it(statement, heavy):
    program = f"import sys; {statement}; print([one for one in {heavy!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_settings_page_shows_every_setting_as_the_code_has_it():
    from swath_runtime.settings import table

    assert table() in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_every_decision_is_short_and_numbered():
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert decisions
    for one in decisions:
        assert one.name[:4].isdigit(), one
        assert len(one.read_text(encoding="utf-8").splitlines()) <= 40, one
