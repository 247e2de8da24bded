"""Log lines: one JSON object each, whatever it is that is logged."""

import json
import logging
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from swath_runtime.errors import SettingInvalid
from swath_runtime.log_lines import configure
from swath_runtime.settings import Settings


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The root logger and the hooks as they were."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, threading.excepthook
    monkeypatch.setattr("sys.excepthook", None)
    yield
    root.handlers[:], threading.excepthook = handlers, hook
    root.setLevel(level)
    logging.captureWarnings(False)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(one) for one in capsys.readouterr().err.splitlines()]


def test_a_message_of_many_lines_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_format="json"))
    logging.getLogger("any").error("a\nb\u2028%s", object())
    assert len(lines(capsys)) == 1


def test_a_warning_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_format="json"))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this is old", stacklevel=1)
    (line,) = lines(capsys)
    assert "this is old" in line["message"]


def test_what_ends_a_thread_is_a_line_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_format="json"))
    thread = threading.Thread(target=lambda: 1 / 0, name="fetcher")
    thread.start()
    thread.join()
    (line,) = lines(capsys)
    assert "fetcher" in line["message"]
    assert "ZeroDivisionError" in line["trace"]


def test_lines_have_the_operators_fields_and_names(capsys: pytest.CaptureFixture[str]) -> None:
    keys = ("message=msg", "timestamp=@timestamp")
    configure(Settings(log_format="json", log_fields=("team=eo", "stage=a=b"), log_keys=keys))
    logging.getLogger("any").info("hello", extra={"facts": {"status": 200}})
    (line,) = lines(capsys)
    assert line["msg"] == "hello"
    assert (line["team"], line["stage"], line["status"]) == ("eo", "a=b", 200)
    assert {"@timestamp", "level", "logger"} <= line.keys()
    assert not {"message", "timestamp"} & line.keys()


def test_text_lines_have_the_fields_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_fields=("team=eo",)))
    logging.getLogger("any").info("hello")
    assert capsys.readouterr().err.endswith("any: hello team=eo\n")


@pytest.mark.parametrize(
    "wrong", [{"log_fields": ("team",)}, {"log_fields": ("=eo",)}, {"log_keys": ("colour=color",)}]
)
def test_what_can_not_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingInvalid):
        configure(Settings(**wrong))


@pytest.mark.parametrize("level", ["warning", "Warning", "WARNING"])
def test_levels_are_read_in_any_case(level: str) -> None:
    assert Settings.from_environ({"SWATH_LOG_LEVEL": level}).log_level == "WARNING"
