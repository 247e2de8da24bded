"""`--print-settings`: what a service would be served with, and from where; secrets are not shown."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path

import pytest
from conftest import algorithm_folder

from swath_cli.main import run
from swath_runtime.__main__ import main
from swath_runtime.settings import Settings
from swath_runtime.settings_shown import as_text, rows, without_secrets

ECHO = str(algorithm_folder("echo"))


def printed(capsys, *arguments, command=("serve", ECHO)):
    assert run([*command, "--print-settings", *arguments, "--json"]) == 0
    return {one["variable"]: one for one in json.loads(capsys.readouterr().out)}


def test_every_setting_is_shown_with_its_default(capsys):
    found = printed(capsys)
    assert list(found) == [f"SWATH_{one.name.upper()}" for one in fields(Settings)]
    assert all(one["help"] for one in found.values())
    assert (found["SWATH_PORT"]["value"], found["SWATH_PORT"]["source"]) == (8080, "default")


def test_options_win_over_variables_and_each_is_named_as_the_source(capsys, monkeypatch):
    monkeypatch.setenv("SWATH_PORT", "9000")
    monkeypatch.setenv("SWATH_LOG_FORMAT", "JSON")
    found = printed(capsys, "--port", "9001")
    assert (found["SWATH_PORT"]["value"], found["SWATH_PORT"]["source"]) == (9001, "option")
    assert (found["SWATH_LOG_FORMAT"]["value"], found["SWATH_LOG_FORMAT"]["source"]) == ("json", "environment")
    assert (found["SWATH_ALGORITHM"]["value"], found["SWATH_ALGORITHM"]["source"]) == (ECHO, "option")


def test_the_module_that_serves_prints_the_same(capsys, monkeypatch):
    monkeypatch.setenv("SWATH_ALGORITHM", ECHO)
    monkeypatch.setenv("SWATH_PORT", "9000")
    assert main(["--print-settings", "--json"]) == 0
    found = {one["variable"]: one for one in json.loads(capsys.readouterr().out)}
    expected = printed(capsys)
    assert {name: one["value"] for name, one in found.items()} == {name: one["value"] for name, one in expected.items()}


def test_without_json_it_is_a_table_for_people(capsys, monkeypatch):
    monkeypatch.setenv("SWATH_PORT", "9000")
    assert run(["serve", ECHO, "--print-settings"]) == 0
    line = next(one for one in capsys.readouterr().out.splitlines() if one.startswith("SWATH_PORT "))
    assert line.split()[1:] == ["9000", "environment", "(default:", "8080)"]


def test_json_alone_is_refused(capsys):
    assert run(["serve", ECHO, "--json"]) == 2
    assert "--print-settings" in capsys.readouterr().err


def test_a_wrong_setting_is_an_error_here_too(capsys, monkeypatch):
    monkeypatch.setenv("SWATH_PORT", "none")
    assert run(["serve", ECHO, "--print-settings"]) == 2
    assert "SWATH_PORT" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ann:pass@host/path", "https://ann:***@host/path"),
        ("postgresql://ann:p@ss:w@host:5432/jobs", "postgresql://ann:***@host:5432/jobs"),
        ("redis://:pass@host", "redis://:***@host"),
        ("https://host/x?token=abc&kind=png", "https://host/x?token=***&kind=png"),
        ("postgresql://host/jobs?user=ann&password=pass", "postgresql://host/jobs?user=ann&password=***"),
        ("https://host/x?X-Amz-Signature=abc", "https://host/x?X-Amz-Signature=***"),
        ("https://host:8443/a@b", "https://host:8443/a@b"),
        ("s3://name/,gs://name/folder/", "s3://name/,gs://name/folder/"),
        ("/etc/tokens", "/etc/tokens"),
    ],
)
def test_passwords_in_urls_are_hidden(text, shown):
    assert without_secrets(text) == shown


def test_what_a_file_holds_is_not_shown(capsys, monkeypatch, tmp_path):
    path = tmp_path / "tokens"
    path.write_text("reader-0123456789abcdef ann read")
    monkeypatch.setenv("SWATH_AUTH_TOKENS_FILE", str(path))
    assert printed(capsys)["SWATH_AUTH_TOKENS_FILE"]["value"] == str(path)


def test_a_secret_setting_is_hidden_unless_it_is_a_url():
    @dataclass(frozen=True)
    class More(Settings):
        password: str = field(default="pass", metadata={"help": "A password."}, repr=False)
        place: str = field(default="redis://ann:pass@host", metadata={"help": "A place."}, repr=False)

    found = rows(More(), {})
    assert [one["value"] for one in found[-2:]] == ["***", "redis://ann:***@host"]


def test_the_table_has_a_line_for_each_setting():
    assert len(as_text(rows(Settings(algorithm=Path("x")), {})).splitlines()) == len(fields(Settings))
