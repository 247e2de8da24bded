"""What a request held is gone with it, whether or not the garbage collector runs."""

import gc
import io
import json
import logging
import shutil
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runtime.conftest import API, FAKES, until

from swath_converters import Image
from swath_converters.parts import Part
from swath_runtime.http import Head, Reply, Request
from swath_runtime.routes import Router
from swath_runtime.server import open_router
from swath_runtime.settings import Settings

NPY, JSON = "application/x-npy", "application/json"
FAILS = '''"""Fails on every image but those of one column."""

from swath_converters import Image


def process(image: Image) -> dict[str, Image]:
    """The image, if it is so narrow."""
    if image.array.shape[-1] > 1:
        raise ValueError("too wide")
    return {"image": image}
'''


def npy(width: int) -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros((1, 3, width), np.uint8))
    return file.getvalue()


@pytest.fixture
def router(tmp_path: Path) -> Iterator[Router]:
    """Of an algorithm that takes images of one column."""
    folder = tmp_path / "echo"
    shutil.copytree(FAKES / "echo", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "process.py").write_text(FAILS)
    router = open_router(Settings(algorithm=folder, state_folder=tmp_path / "state"))
    router.start()
    yield router
    router.stop()


@pytest.fixture
def uncollected() -> Iterator[None]:
    logging.disable()  # pytest keeps what is logged, errors with their frames among it
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    logging.disable(logging.NOTSET)


def post(router: Router, path: str, body: bytes, kind: str) -> Reply:
    headers = {"content-type": kind, "content-length": str(len(body))}
    return router.handle(Request(Head("POST", API + path, "", headers), body))


def held(kinds: Any = Image | Part) -> set[int]:
    """Images and parts of bodies that are held."""
    return {id(one) for one in gc.get_objects() if isinstance(one, kinds)}


CALLS = {
    "right": (npy(1), 200),
    "that fails": (npy(9), 500),
    "that is cut off": (npy(9)[:-1], 422),
}


@pytest.mark.parametrize("case", CALLS)
def test_images_of_a_call_go_with_its_answer(case: str, router: Router, uncollected: None):
    body, status = CALLS[case]
    before = held()
    assert post(router, "/process", body, NPY).status == status
    until(lambda: held() <= before, "nothing is held")


def test_images_of_a_batch_go_with_its_answer(router: Router, uncollected: None):
    items = [{"image": b64encode(body).decode()} for body, _ in CALLS.values()]
    before = held()
    reply = post(router, "/process/batch", json.dumps({"items": items}).encode(), JSON)
    assert [one["status"] for one in json.loads(bytes(reply.body))["items"]] == [200, 500, 422]
    until(lambda: held() <= before, "nothing is held")


def post_job(router: Router, body: bytes) -> str:
    """How a job ends."""
    place = json.loads(bytes(post(router, "/jobs", body, NPY).body))["id"]

    def ended() -> str:
        found = json.loads(bytes(router.handle(Request(Head("GET", f"{API}/jobs/{place}"))).body))
        return found["status"] if found["status"] in {"SUCCEEDED", "FAILED"} else ""

    return until(ended, "the job ends")


@pytest.mark.parametrize("case", CALLS)
def test_images_of_a_job_go_with_its_end(case: str, router: Router, uncollected: None):
    body, status = CALLS[case]
    before = held()
    assert post_job(router, body) == ("SUCCEEDED" if status == 200 else "FAILED")
    until(lambda: held() <= before, "nothing is held")


@pytest.mark.parametrize("path", ["/process", "/jobs"])
def test_what_came_is_let_go_before_the_algorithm_runs(
    path: str, router: Router, uncollected: None, monkeypatch: pytest.MonkeyPatch
):
    before = held(Part)
    found: list[set[int]] = []
    monkeypatch.setattr(router.service.observer, "batch", lambda _: found.append(held(Part) - before))
    body = CALLS["right"][0]
    post_job(router, body) if path == "/jobs" else post(router, path, body, NPY)
    assert found == [set()]
