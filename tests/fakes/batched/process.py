"""An algorithm that tells who was together with whom, and has items that are bad in every way."""

import os
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from swath_runtime import Context, InputRejected

FOLDER = "GATE_FOLDER"  # variable that names a folder; without it nothing waits and nothing is marked
POLL_S = 0.005


class Item(TypedDict):
    """What one caller asks for."""

    name: str
    does: NotRequired[str]


def process_batch(items: list[Item], context: Context) -> Any:
    """A result for each item, but where one says otherwise.

    `spoil` raises and `exit` ends the interpreter where they are not alone; `too_few` and `no_list` leave results out.
    `wait` waits for the file `go` of the folder, or until nobody waits for any of the items.
    """
    told = [item["does"] for item in items]
    names = [item["name"] for item in items]
    context.logger.info("together: %s", " ".join(names))
    _mark(*names)
    while "wait" in told and not _is_open("go"):
        if context.wait_cancelled(POLL_S):
            _mark("cancelled")
            context.check_cancelled()
    if "spoil" in told:
        raise RuntimeError("spoilt by one of them")
    if "exit" in told and len(items) > 1:
        raise SystemExit(7)
    if "no_list" in told:
        return {"names": names}
    results = [_result(item, names) for item in items]
    return results[1:] if "too_few" in told else results


def _result(item: Item, names: list[str]) -> dict[str, Any] | Exception:
    match item["does"]:
        case "fail":
            return RuntimeError("told to fail")
        case "reject":
            return InputRejected("told to reject", "/does")
        case "wrong_output":
            return {"name": 7, "together": names}
        case _:
            return {"name": item["name"], "together": names}


def _mark(*names: str) -> None:
    for name in names if FOLDER in os.environ else ():
        Path(os.environ[FOLDER], f"in-{name}").touch()


def _is_open(name: str) -> bool:
    return FOLDER not in os.environ or Path(os.environ[FOLDER], name).exists()
