"""What the rooms of a service answer, and what they say of it in its OpenAPI document."""

import json

import pytest
from conftest import algorithm_folder

from swath_algorithm.folder import open_algorithm
from swath_runtime.http import Head, Request
from swath_runtime.routes import Router
from swath_runtime.service import Service
from swath_runtime.settings import Settings

API = "/api/v1"


@pytest.fixture(params=["echo", "cloud-detection", "tuned"])
def router(request, tmp_path):
    algorithm = open_algorithm(algorithm_folder(request.param))
    return Router(Service(algorithm, Settings(algorithm=algorithm.folder, state_folder=tmp_path)))


def openapi_of(router):
    return json.loads(router.handle(Request(Head("GET", f"{API}/openapi"))).body)


def test_every_route_is_an_operation_of_the_document_and_the_reverse(router):
    served = {
        (method, path.removeprefix(API).replace("*}", "}"))
        for room in router.rooms
        for path, methods in room.routes.items()
        if path.startswith(API)
        for method in methods
    }
    said = {(method.upper(), path) for path, item in openapi_of(router)["paths"].items() for method in item}
    assert said == served


def test_every_operation_has_a_name_of_its_own(router):
    names = [one["operationId"] for item in openapi_of(router)["paths"].values() for one in item.values()]
    assert len(set(names)) == len(names)


def test_every_placeholder_of_a_path_is_a_parameter(router):
    for path, item in openapi_of(router)["paths"].items():
        for said in item.values():
            named = {one["name"] for one in said.get("parameters", []) if one["in"] == "path"}
            assert named == {piece.partition("}")[0] for piece in path.split("{")[1:]}, path


def test_every_operation_says_what_a_problem_looks_like(router):
    for item in openapi_of(router)["paths"].values():
        for said in item.values():
            assert list(said["responses"]["default"]["content"]) == ["application/problem+json"]
