"""Profiles: files, read as data."""

from pathlib import Path

import pytest

from swath_packager.errors import ProfileInvalid, ProfileUnknown
from swath_packager.profile import known_profiles, read_profile

_THIRD = """
description = "Another accelerator"
base = "example/base:1"
requirements = ["onnxruntime-openvino==1.30.0"]
[env]
THREADS = 4
"""


def test_profiles_are_the_files_of_their_folder() -> None:
    assert known_profiles() == ("cpu", "gpu")


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileUnknown, match="tpu") as refused:
        read_profile("tpu")
    assert "cpu, gpu" in refused.value.hint
    assert refused.value.exit_code == 2


def test_a_third_profile_is_a_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "openvino.toml").write_text(_THIRD)
    assert known_profiles(tmp_path) == ("openvino",)
    profile = read_profile("openvino", tmp_path)
    assert profile.requirements == ("onnxruntime-openvino==1.30.0",)
    assert profile.env == {"THREADS": "4"}
    assert profile.layers == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("base = [", r"at end of document|Invalid|Unclosed"),
        ("description = 'x'\nbase = 'y'\nrequirements = []\nflavour = 1", "flavour"),
        ("description = 'x'\nrequirements = []", "base"),
    ],
)
def test_a_misshapen_profile_is_named_with_what_is_wrong(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "odd.toml").write_text(text)
    with pytest.raises(ProfileInvalid, match=named) as refused:
        read_profile("odd", tmp_path)
    assert "odd.toml" in str(refused.value)


def test_the_gpu_profile_pins_cuda_for_its_driver() -> None:
    gpu = read_profile("gpu")
    assert any(one.startswith("nvidia-cuda-runtime==13.0") for one in gpu.constraints)
    assert gpu.layers[0].takes("nvidia-cublas")
    assert not gpu.layers[0].takes("numpy")
