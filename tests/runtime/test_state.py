"""Where a service keeps what must outlive its processes."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from runtime.conftest import FAKES

from swath_algorithm.folder import open_algorithm
from swath_runtime.errors import StateUnusable
from swath_runtime.local import call_once
from swath_runtime.payload import Payload
from swath_runtime.settings import Settings
from swath_runtime.state import state_folder
from swath_testing.run import run_cases


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_services_of_other_names_and_ports_have_folders_of_their_own(temporary):
    settings = Settings(port=1000)
    folders = {
        state_folder(settings, "a"),
        state_folder(settings, "b"),
        state_folder(replace(settings, port=1001), "a"),
    }
    assert len(folders) == 3
    assert all(one.is_relative_to(temporary) and one.stat().st_mode & 0o777 == 0o700 for one in folders)
    assert state_folder(settings, "a") in folders


def test_a_named_folder_is_taken_as_it_is(tmp_path):
    folder = tmp_path / "deep" / "state"
    assert state_folder(Settings(state_folder=folder), "a") == folder
    assert folder.is_dir()


def test_a_folder_that_others_can_look_into_is_refused(temporary):
    folder = state_folder(Settings(), "a").parent
    folder.chmod(0o755)
    with pytest.raises(StateUnusable, match="open to others"):
        state_folder(Settings(), "a")


def test_a_link_in_the_place_of_the_folder_is_refused(temporary, tmp_path):
    folder = state_folder(Settings(), "a").parent
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateUnusable, match="link"):
        state_folder(Settings(), "a")


def test_a_call_without_a_server_makes_no_folder(temporary):
    algorithm = open_algorithm(FAKES / "background")
    assert call_once(algorithm, Payload({"steps": 1}), Settings(algorithm=algorithm.folder)).document == {"steps": 1}
    assert run_cases(algorithm).passed
    assert list(temporary.iterdir()) == []


def test_a_place_that_takes_no_folder_says_what_to_set(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StateUnusable) as raised:
        state_folder(Settings(state_folder=tmp_path / "file" / "state"), "a")
    assert "SWATH_STATE_FOLDER" in raised.value.hint
    assert isinstance(raised.value.folder, Path)
