"""An algorithm is imported on a thread of its own, while the server goes on importing what it needs."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from swath_algorithm.folder import open_algorithm
from swath_runtime.importing import import_process

FAKES = Path(__file__).parents[1] / "fakes"


class Busy(str):
    """A module's name that another thread seems to import a module beside, whenever somebody looks at it."""

    def startswith(self, *given: object) -> bool:
        name = f"{self}.{len(sys.modules)}"
        sys.modules[name] = ModuleType(name)
        return super().startswith(*given)


@pytest.fixture
def busy():
    name = Busy("busy_server")
    sys.modules[name] = ModuleType(name)
    yield
    for one in [one for one in sys.modules if str.startswith(one, name)]:
        del sys.modules[one]


def test_modules_that_appear_meanwhile_do_not_stop_the_import(busy):
    assert hasattr(import_process(open_algorithm(FAKES / "echo")), "process")
