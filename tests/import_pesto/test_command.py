"""`swath import-pesto` as it is typed."""

import json
from pathlib import Path

import pytest
from import_pesto.samples import PROJECTS

from swath_cli.main import run


def test_it_tells_what_it_wrote_what_it_decided_and_what_it_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import-pesto", str(PROJECTS / "dataclasses"), "--into", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert f"wrote {tmp_path / 'gain'}" in text and "swath test" in text
    assert "/email: 'nobody' can't be taken" in text
    assert "/requirements/model: gs://bucket/model.tar.gz" in text


def test_for_machines_it_is_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import-pesto", str(PROJECTS / "values"), "--into", str(tmp_path), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["folder"] == str(tmp_path / "plain-values") and answer["mistakes"] == []
    assert {"kind", "source", "pointer", "message"} == answer["lost"][0].keys()
    assert answer["mapped"] and answer["decided"]


def test_it_writes_into_the_algorithms_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "algorithms").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run(["import-pesto", str(PROJECTS / "keywords")]) == 0
    assert (tmp_path / "algorithms" / "level-mask" / "describe.yml").is_file()
    assert run(["import-pesto", str(PROJECTS / "keywords")]) == 1


def test_a_profile_is_merged_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--profile", "gpu", "--profile", "stateful", "--into", str(tmp_path)]
    assert run(["import-pesto", str(PROJECTS / "dataclasses"), *arguments]) == 0
    text = (tmp_path / "gain" / "describe.yml").read_text()
    assert "gpu: 1" in text and "asynchronous: true" in text and "ram:" in text
    assert "description.gpu.json: merged" not in capsys.readouterr().err
