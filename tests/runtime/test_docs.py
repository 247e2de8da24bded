"""The page at /docs: whole from packaged files, on every runtime, and shut to all else."""

import gzip
import re

import pytest
from conftest import algorithm_folder

from swath_algorithm.folder import open_algorithm
from swath_registry.validation import Validator
from swath_runtime.docs_room import ASSETS
from swath_runtime.http import Head, Request
from swath_runtime.operations import PROBLEMS, problem_responses
from swath_runtime.routes import Router
from swath_runtime.service import Service
from swath_runtime.settings import Settings

PAGE = "/api/v1/docs"
OURS = [name for name in ASSETS if name.startswith("docs")]


@pytest.fixture
def ask():
    algorithm = open_algorithm(algorithm_folder("echo"))
    router = Router(Service(algorithm, Settings(algorithm=algorithm.folder)))
    return lambda path, **headers: router.handle(
        Request(Head("GET", path, "", {name.replace("_", "-"): one for name, one in headers.items()}))
    )


def test_all_that_the_page_refers_to_is_served_relative_to_it(ask):
    page = ask(PAGE).body.decode()
    named = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert {one for one in named if not one.startswith("data:")} == {f"docs/{name}" for name in ASSETS} | {"openapi"}
    for one in named:
        if not one.startswith("data:"):
            assert ask(f"/api/v1/{one}").status == 200


@pytest.mark.parametrize("name", ["", *(f"/{one}" for one in OURS)])
def test_nothing_of_ours_names_another_host(ask, name):
    assert not re.search(rb"[a-z]+://|[\"'`]//", ask(PAGE + name).body)


def test_styles_load_nothing_but_what_they_hold(ask):
    named = re.findall(rb"url\(([^)]{1,12})", ask(f"{PAGE}/swagger-ui.css").body)
    assert named
    assert all(one.strip(b"\"'").startswith(b"data:") for one in named)


@pytest.mark.parametrize("path", [PAGE, *(f"{PAGE}/{name}" for name in ASSETS)])
def test_the_page_may_run_and_load_what_is_its_own_alone(ask, path):
    policy = ask(path).header("content-security-policy")
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert ask(path).header("x-content-type-options") == "nosniff"


def test_no_script_or_style_stands_in_the_page_itself(ask):
    page = ask(PAGE).body.decode()
    assert not re.search(r"<style|style=|\son[a-z]+=|<script(?![^>]*src=)", page)


@pytest.mark.parametrize("name", [name for name, (file, _) in ASSETS.items() if file.endswith(".gz")])
def test_large_files_come_compressed_to_those_who_take_it_alone(ask, name):
    plain, packed = ask(f"{PAGE}/{name}"), ask(f"{PAGE}/{name}", accept_encoding="br, gzip;q=0.5")
    assert (plain.header("content-encoding"), packed.header("content-encoding")) == ("", "gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert ask(f"{PAGE}/{name}", accept_encoding="gzip;q=0").header("content-encoding") == ""


def test_a_file_that_a_browser_has_is_not_sent_again(ask):
    reply = ask(f"{PAGE}/docs.js")
    again = ask(f"{PAGE}/docs.js", if_none_match=reply.header("etag"))
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("name", ["other.js", "docs.html", "%2e%2e", "..", "swagger-ui/LICENSE"])
def test_no_other_file_is_served(ask, name):
    assert ask(f"{PAGE}/{name}").status == 404


def test_the_licence_comes_with_the_files():
    from importlib.resources import files

    folder = files("swath_runtime") / "assets" / "swagger-ui"
    assert "Apache License" in (folder / "LICENSE").read_text()
    assert "swagger-ui-dist 5." in (folder / "ORIGIN").read_text()


@pytest.mark.parametrize("status", ["default", *PROBLEMS])
def test_the_example_of_a_problem_is_a_problem(status):
    said = problem_responses(PROBLEMS)[status]["content"]["application/problem+json"]["example"]
    assert Validator("error@1").violations(said) == []
