"""Static tokens: who they let in, what refusals say, and how they are replaced."""

import json
import logging
import sys
from hashlib import sha256

import pytest
from runtime.auth.callers import Caller

from swath_runtime.errors import SettingInvalid
from swath_runtime.http import Head, Request

READER, WORKER, HASHED = "reader-0123456789abcdef", "worker-0123456789abcdef", "hashed-0123456789abcdef"
FILE = f"""# who may what
{READER} rita read
{WORKER}  walt  read process
sha256:{sha256(HASHED.encode()).hexdigest()} hanna read
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(FILE)
    return path


@pytest.fixture
def caller(file):
    return Caller(auth_tokens_file=str(file))


def test_without_settings_nobody_needs_a_token():
    assert Caller().status() == 200


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_need_no_token(caller, path):
    assert caller.status(path) != 401


@pytest.mark.parametrize("token", [READER, WORKER, HASHED])
def test_a_token_of_the_file_lets_in(caller, token):
    assert caller.status(token=token) == 200


def test_no_token_is_challenged_with_the_scope_and_without_an_error(caller):
    reply = caller.ask()
    assert reply.status == 401
    assert reply.header("www-authenticate") == 'Bearer realm="swath", scope="read"'
    assert json.loads(reply.body)["hint"]


@pytest.mark.parametrize(
    "token", ["unknown-0123456789abcdef", READER[:-1], READER + "f", "sha256:" + "0" * 64, "a b", "ä" * 20]
)
def test_an_unknown_token_is_an_invalid_token(caller, token):
    reply = caller.ask(token=token)
    assert reply.status == 401
    assert 'error="invalid_token"' in reply.header("www-authenticate")


def test_the_hash_of_a_token_is_no_token(caller):
    assert caller.status(token=sha256(HASHED.encode()).hexdigest()) == 401


@pytest.mark.parametrize("given", ["Basic cmVhZGVyOng=", READER, f"Token {READER}"])
def test_another_scheme_is_no_token(caller, given):
    assert caller.ask(authorization=given).header("www-authenticate").count("error=") == 0


def test_the_scheme_may_be_written_in_any_case(caller):
    assert caller.status(authorization=f"bearer {READER}") == 200


def test_a_token_without_the_scope_is_forbidden_and_told_which(caller):
    reply = caller.ask("/process", token=READER, method="POST", body=b"{}")
    assert reply.status == 403
    assert 'error="insufficient_scope", scope="process"' in reply.header("www-authenticate")
    assert "process" in json.loads(reply.body)["message"]


@pytest.mark.parametrize("path", ["/api/v1/metrics", "/metrics"])
def test_metrics_have_a_scope_of_their_own(tmp_path, path):
    scraper = "scraper-0123456789abcdef"
    (tmp_path / "tokens").write_text(f"{READER} rita read\n{scraper} prometheus metrics\n")
    caller = Caller(auth_tokens_file=str(tmp_path / "tokens"))
    asked = {token: Head("GET", path, "", {"authorization": f"Bearer {token}"}) for token in (READER, scraper)}
    assert [caller.router.handle(Request(head)).status for head in asked.values()] == [403, 200]


def test_head_needs_what_get_needs(caller):
    assert caller.status(method="HEAD") == 401
    assert caller.status(method="HEAD", token=READER) == 200


def test_what_is_nowhere_is_not_found_by_anyone(caller):
    assert caller.status("/nowhere") == 404
    assert caller.status("/describe", method="DELETE") == 405


def test_the_body_of_a_refused_caller_is_not_held(caller):
    chunk = b"%d" % 10**999
    exchange = caller.router.begin(Head("POST", "/api/v1/process", "", {"content-length": "1000"}))
    held = sys.getrefcount(chunk)
    assert exchange.feed(chunk)
    assert sys.getrefcount(chunk) == held
    assert exchange.reply().status == 401


def test_a_changed_file_counts_from_the_next_request_on(caller, file):
    assert caller.status(token=READER) == 200
    file.write_text("another-0123456789abcdef rita read\n")
    assert caller.status(token=READER) == 401
    assert caller.status(token="another-0123456789abcdef") == 200


@pytest.mark.parametrize("change", ["too-short rita read", None], ids=["malformed", "gone"])
def test_a_file_that_became_unusable_changes_nothing_and_is_logged_once(caller, file, change, caplog):
    if change is None:
        file.unlink()
    else:
        file.write_text(change)
    with caplog.at_level(logging.ERROR):
        assert [caller.status(token=READER) for _ in range(3)] == [200] * 3
    assert len(caplog.records) == 1


def test_no_token_stands_in_a_log_line_or_an_answer(caller, caplog):
    with caplog.at_level(logging.DEBUG):
        replies = [caller.ask(token=one) for one in (READER, "unknown-0123456789abcdef")]
        replies.append(caller.ask("/process", token=READER, method="POST"))
    said = caplog.text + "".join(f"{one.headers}{one.body}" for one in replies)
    assert READER not in said
    assert "unknown-0123456789abcdef" not in said


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("short rita read", "at least 16"),
        ("with,a-comma-0123456789 rita read", "at least 16"),
        ("sha256:0123 rita read", "sha256:HEX"),
        (READER, "needs a name"),
        (f"{READER} rita reed", "no scope 'reed'"),
        (f"{READER} rita read\n{READER} rolf read", "line 2: the token stands there twice"),
    ],
)
def test_a_file_with_a_mistake_stops_the_start_and_names_the_line_not_the_token(tmp_path, line, reason):
    path = tmp_path / "tokens"
    path.write_text(line)
    with pytest.raises(SettingInvalid, match=reason) as caught:
        Caller(auth_tokens_file=str(path))
    assert "line " in str(caught.value)
    assert line.split()[0] not in str(caught.value)


def test_an_absent_file_stops_the_start(tmp_path):
    with pytest.raises(SettingInvalid, match="can't be read"):
        Caller(auth_tokens_file=str(tmp_path / "absent"))


def test_the_openapi_document_says_what_needs_which_scope(caller):
    from openapi_spec_validator import validate

    document = json.loads(caller.ask("/openapi", token=READER).body)
    validate(document)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["paths"]["/process"]["post"]["security"] == [{"bearer": ["process"]}]
    assert "security" not in document["paths"]["/health"]["get"]
    assert {"401", "403"} <= document["paths"]["/process"]["post"]["responses"].keys()


def test_an_open_service_has_no_security_in_its_openapi_document():
    assert "securitySchemes" not in json.loads(Caller().ask("/openapi").body)["components"]
