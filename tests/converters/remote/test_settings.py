"""What the settings of a service allow, and what its callers are told."""

import re
from pathlib import Path

import pytest
from converters.remote.web import file_of, serving

from swath_converters.errors import FetchFailed, FetchTimedOut, SchemeDenied, StoreFailed
from swath_runtime.errors import SettingInvalid
from swath_runtime.policies import policy_of
from swath_runtime.problems import problem_of
from swath_runtime.settings import Settings

ROOT = Path(__file__).parents[3]


def test_without_settings_no_uri_is_opened_nor_written():
    policy = policy_of(Settings.from_environ({}))
    assert (policy.schemes, policy.hosts, policy.networks, policy.buckets, policy.output_prefixes) == (
        frozenset(),
        (),
        (),
        (),
        (),
    )


def test_each_setting_becomes_its_permission():
    policy = policy_of(
        Settings.from_environ(
            {
                "SWATH_URL_SCHEMES": "https, s3",
                "SWATH_URL_HOSTS": "data.example.org:8443,*.example.com",
                "SWATH_URL_NETWORKS": "10.20.0.0/16",
                "SWATH_URL_BUCKETS": "s3://scenes/2026/",
                "SWATH_OUTPUT_PREFIXES": "file:///data/out/,gs://results/",
                "SWATH_MAX_FETCH_BYTES": "1000",
                "SWATH_FETCH_TIMEOUT_SECONDS": "9",
                "SWATH_FETCH_CONNECT_SECONDS": "2.5",
                "SWATH_FETCH_READ_SECONDS": "3",
                "SWATH_FETCH_CA_FILE": __file__,
            }
        )
    )
    assert policy.schemes == {"https", "s3"}
    assert policy.hosts == ("data.example.org:8443", "*.example.com")
    assert (policy.networks, policy.buckets) == (("10.20.0.0/16",), ("s3://scenes/2026/",))
    assert policy.output_prefixes == ("file:///data/out/", "gs://results/")
    assert (policy.max_encoded_bytes, policy.ca_file) == (1000, Path(__file__))
    assert (policy.fetch_timeout_s, policy.connect_timeout_s, policy.read_timeout_s) == (9, 2.5, 3)


@pytest.mark.parametrize(
    "environ",
    [
        {"SWATH_URL_SCHEMES": "https"},
        {"SWATH_URL_SCHEMES": "ftp"},
        {"SWATH_URL_SCHEMES": "file"},
        {"SWATH_URL_HOSTS": "data.example.org"},
        {"SWATH_URL_SCHEMES": "s3", "SWATH_URL_BUCKETS": "scenes"},
        {"SWATH_URL_NETWORKS": "the intranet"},
        {"SWATH_OUTPUT_PREFIXES": "/data/out"},
        {"SWATH_FETCH_CA_FILE": "/nowhere/authority.pem"},
    ],
)
def test_settings_that_disagree_stop_the_start(environ: dict[str, str]):
    with pytest.raises(SettingInvalid):
        policy_of(Settings.from_environ(environ))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SchemeDenied("https", ("data", "cid")), 400),
        (FetchFailed("https://data.example.org", "it is not there"), 422),
        (FetchTimedOut("https://data.example.org", "it took too long"), 422),
        (StoreFailed("The result could not be written.", hint="Choose another name."), 503),
    ],
)
def test_the_caller_is_told_what_happened(error: Exception, status: int):
    problem = problem_of(error)
    assert (problem.kind.status, problem.message) == (status, str(error))
    assert problem.hint


def test_the_example_of_the_page_works():
    page = (ROOT / "docs" / "reading-by-reference.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    with serving(file_of(bytes(100_000))) as web:
        for written, here in (
            ("https://data.example.org", web.origin),
            ('"data.example.org",)', f'"127.0.0.1:{web.port}",), networks=("127.0.0.1/32",)'),
            ('"https"', '"http"'),
        ):
            assert written in program
            program = program.replace(written, here)
        exec(program, {})  # noqa: S102
        assert web.sent_bytes == 64 * 1024
