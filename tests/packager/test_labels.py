"""Labels of an image: the OCI's annotations, and what an orchestrator chooses by."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from swath_algorithm.folder import Algorithm, open_algorithm
from swath_packager.labels import base_labels, image_labels, types_of

OCI = "org.opencontainers.image"


def test_the_annotations_come_from_the_description(clouds: Algorithm) -> None:
    labels = image_labels(clouds, "fastapi", "cpu")
    assert labels[f"{OCI}.title"] == "Cloud detection"
    assert labels[f"{OCI}.version"] == "1.0.0"
    assert labels[f"{OCI}.licenses"] == "Apache-2.0"
    assert labels[f"{OCI}.vendor"] == "Swath"
    assert labels[f"{OCI}.authors"] == "Swath <algorithms@swath.example>"
    assert labels[f"{OCI}.description"].startswith("Clouds in Sentinel-2")


def test_every_type_of_the_description_is_pinned(clouds: Algorithm) -> None:
    labels = image_labels(clouds, "fastapi", "cpu")
    described = labels["io.swath.describe"]
    assert json.loads(described) == clouds.describe
    assert not re.search(r'"\$ref": ?"[A-Za-z]+/\d', described)  # an alias, such as image/1
    assert re.fullmatch(r"\d+\.\d+\.\d+", json.loads(labels["io.swath.types"])["image"])


def test_there_is_a_time_only_where_one_is_given(clouds: Algorithm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert f"{OCI}.created" not in image_labels(clouds, "fastapi", "cpu")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert image_labels(clouds, "fastapi", "cpu")[f"{OCI}.created"] == "2023-11-14T22:13:20Z"


def test_what_is_not_known_is_absent_and_not_empty(folder: Callable[..., Path]) -> None:
    labels = image_labels(open_algorithm(folder()), "flask", "cpu")
    assert f"{OCI}.licenses" not in labels
    assert all(labels.values())


def test_a_base_without_a_manifest_has_a_name_alone() -> None:
    assert base_labels("python:3.12", None) == {f"{OCI}.base.name": "python:3.12"}
    assert base_labels("python:3.12", "sha256:1")[f"{OCI}.base.digest"] == "sha256:1"


def test_types_are_found_at_any_depth() -> None:
    uri = "https://schemas.swath.example/{}/1.0.0".format
    document = {
        "input": {"properties": {"a": {"items": {"$ref": uri("image")}}, "b": {"anyOf": [{"$ref": uri("roi")}]}}}
    }
    assert types_of(document) == {"image": "1.0.0", "roi": "1.0.0"}
