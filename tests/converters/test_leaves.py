"""Registry types find their converters by the generated bindings."""

import subprocess
import sys

import pytest

import swath_schemas
from swath_converters import Policy
from swath_converters.leaves import converter_for

EXPECTED = {"image": "Image", "geometry": "dict", "featureCollection": "dict", "metadata": "dict", "detection": "dict"}


def uri(name: str) -> str:
    return swath_schemas.resolve(f"{name}@1").uri


@pytest.mark.parametrize(("name", "memory"), EXPECTED.items())
def test_a_bound_type_has_a_converter_that_says_what_algorithms_annotate(name: str, memory: str):
    converter = converter_for(uri(name))
    assert converter is not None
    assert converter.memory == memory


@pytest.mark.parametrize("reference", ["image@1", "https://schemas.swath.example/image/9.9.9", "", "link/1.0.0"])
def test_only_an_exact_uri_of_a_bound_type_has_a_converter(reference: str):
    assert converter_for(reference) is None


@pytest.mark.parametrize("name", ["geometry", "featureCollection", "metadata", "detection"])
def test_a_json_type_reaches_the_algorithm_as_it_was_sent(name: str):
    converter = converter_for(uri(name))
    assert converter is not None
    value = {"a": [1]}
    assert converter.from_wire(value, {}, Policy()) is value
    assert converter.to_wire(value) == value


def test_the_memory_types_load_without_gdal():
    check = "import sys, swath_converters; sys.exit('rasterio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False, timeout=60).returncode == 0
