"""Files by URI and digest: whole and right, or not there, whatever the server does."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from converters.remote.object_store import KEYS, ObjectStore
from converters.remote.web import Handler, redirects, serving
from converters.resources.lenders import CONTENT, SHA256, Lender, after, lying

from swath_converters.resources import (
    ResourceCorrupt,
    ResourceUnavailable,
    UriUnusable,
    at_hand,
    cache_folder,
    is_uri,
    obtain,
)
from swath_converters.resources.download import ATTEMPTS, download

Obtain = Callable[[str], Path]
MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def get(tmp_path: Path, said: list[str], waits: list[float]) -> Obtain:
    """The file of a URI, into a cache of the test's own; waits are noted and not waited for."""

    def fetch(uri: str, sha256: str, part: Path, report: Callable[[str], None]) -> None:
        download(uri, sha256, part, report, sleep=waits.append)

    return lambda uri: obtain(uri, SHA256, said.append, folder=tmp_path / "shelf", fetch=fetch)


def kept(tmp_path: Path) -> Path:
    return tmp_path / "shelf" / f".sha256-{SHA256}.part"


def test_a_file_is_fetched_whole(get: Obtain) -> None:
    with serving(Lender()) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT


def test_what_is_in_the_cache_is_asked_of_nobody(get: Obtain) -> None:
    with serving(Lender()) as web:
        first = get(f"{web.origin}/model.onnx")
    assert get(f"{web.origin}/model.onnx") == first  # the server is gone


def test_a_cut_connection_is_continued_where_it_ended(get: Obtain, said: list[str]) -> None:
    with serving(Lender(cuts=[MEGABYTE, MEGABYTE])) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT
        assert [one[2].get("range") for one in web.requests] == [None, "bytes=1048576-", "bytes=2097152-"]
    assert any("1,048,576 of 3,072,000 bytes" in one for one in said)


def test_a_server_that_ignores_ranges_is_read_from_the_beginning(get: Obtain) -> None:
    with serving(Lender(cuts=[MEGABYTE], knows_ranges=False)) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT
        assert len(web.requests) == 2


def test_an_answer_with_another_part_is_not_taken(get: Obtain) -> None:
    lender = Lender(cuts=[MEGABYTE], shift=7)
    with serving(lender) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT
        assert [one[2].get("range") for one in web.requests] == [None, "bytes=1048576-", None]


def test_what_an_interrupted_process_left_is_continued(get: Obtain, tmp_path: Path) -> None:
    kept(tmp_path).parent.mkdir()
    kept(tmp_path).write_bytes(CONTENT[:1000])
    with serving(Lender()) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT
        assert web.requests[0][2]["range"] == "bytes=1000-"


@pytest.mark.parametrize("left", [b"of another file", CONTENT + b"and more", CONTENT[:-1] + b"?"])
def test_what_does_not_belong_to_the_file_is_thrown_away(get: Obtain, tmp_path: Path, left: bytes) -> None:
    kept(tmp_path).parent.mkdir()
    kept(tmp_path).write_bytes(left)
    with serving(Lender()) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT


def test_what_was_complete_but_for_its_name_is_kept(get: Obtain, tmp_path: Path) -> None:
    kept(tmp_path).parent.mkdir()
    kept(tmp_path).write_bytes(CONTENT)
    with serving(Lender()) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT
        assert len(web.requests) == 1


def test_a_file_that_changes_between_two_parts_is_fetched_anew(get: Obtain) -> None:
    old = Lender(content=bytes(len(CONTENT)), cuts=[MEGABYTE])
    new = Lender()

    def answer(handler: Handler) -> None:
        (old if old.cuts else new)(handler)

    with serving(answer) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT
        assert len(web.requests) == 3


def test_wrong_bytes_are_refused_with_both_digests_and_nothing_stays(get: Obtain, tmp_path: Path) -> None:
    wrong = b"<html>Please sign in</html>"
    with serving(Lender(content=wrong)) as web, pytest.raises(ResourceCorrupt) as caught:
        get(f"{web.origin}/model.onnx")
    assert f"expected {SHA256}" in str(caught.value)
    assert f"got      {hashlib.sha256(wrong).hexdigest()}" in str(caught.value)
    assert [one.suffix for one in (tmp_path / "shelf").iterdir()] == [".lock"]


@pytest.mark.parametrize("declared", [len(CONTENT) - 5, 0])
def test_a_length_that_is_too_small_gives_no_file(get: Obtain, declared: int) -> None:
    with serving(lying(declared)) as web, pytest.raises(ResourceCorrupt):
        get(f"{web.origin}/model.onnx")


def test_a_length_that_is_too_large_gives_up_in_the_end(get: Obtain, waits: list[float]) -> None:
    small = CONTENT[:1000]
    with serving(lying(2000, small)) as web, pytest.raises(ResourceUnavailable, match=r"1,000 of 2,000 bytes"):
        get(f"{web.origin}/model.onnx")
    assert len(waits) == ATTEMPTS - 1


def test_a_server_in_trouble_is_asked_again_and_more_and_more_rarely(get: Obtain, waits: list[float]) -> None:
    with serving(after([503, 500, 429], Lender())) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT
    assert len(waits) == 3
    assert waits[0] < waits[1] < waits[2]


def test_a_wait_that_the_server_asks_for_is_waited(get: Obtain, waits: list[float]) -> None:
    with serving(after([503], Lender(), (("Retry-After", "7"),))) as web:
        get(f"{web.origin}/model.onnx")
    assert 7 <= waits[0] <= 9


@pytest.mark.parametrize(("status", "words"), [(404, "not there"), (403, "not allowed"), (401, "credentials")])
def test_a_refusal_is_told_at_once(get: Obtain, waits: list[float], status: int, words: str) -> None:
    with serving(after([status], Lender())) as web, pytest.raises(ResourceUnavailable, match=words):
        get(f"{web.origin}/model.onnx")
    assert not waits


def test_nobody_listening_is_told_after_some_attempts(get: Obtain) -> None:
    with pytest.raises(ResourceUnavailable, match=r"no connection \(Connection refused\), 6 times in a row"):
        get("http://127.0.0.1:9/model.onnx")


@pytest.mark.parametrize(
    "uri",
    ["ftp://example.org/m.onnx", "file:///etc/passwd", "http://", "https://example.org", "s3://bucket", "s3:///key"],
)
def test_a_uri_that_names_no_file_is_refused(get: Obtain, uri: str) -> None:
    with pytest.raises(UriUnusable):
        get(uri)


def test_credentials_in_a_uri_are_refused_and_not_shown(get: Obtain) -> None:
    with pytest.raises(UriUnusable) as caught:
        get("https://alice:hunter2@example.org/model.onnx")
    assert "hunter2" not in str(caught.value) + caught.value.hint
    assert "netrc" in caught.value.hint


def test_a_query_is_sent_and_never_shown(get: Obtain, said: list[str]) -> None:
    with serving(after([404], Lender())) as web, pytest.raises(ResourceUnavailable) as caught:
        get(f"{web.origin}/model.onnx?sig=hunter2")
    assert web.requests[0][1] == "/model.onnx?sig=hunter2"
    assert "hunter2" not in " ".join([str(caught.value), caught.value.hint, caught.value.uri, *said])


def _netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login alice password hunter2\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))


def test_netrc_proves_who_asks(get: Obtain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _netrc(monkeypatch, tmp_path)
    with serving(Lender()) as web:
        get(f"{web.origin}/model.onnx")
        assert web.requests[0][2]["authorization"] == "Basic YWxpY2U6aHVudGVyMg=="


def test_a_redirect_does_not_carry_credentials_on(get: Obtain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _netrc(monkeypatch, tmp_path)
    with serving(Lender()) as other, serving(redirects(f"{other.origin}/x")) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT
        assert "authorization" in web.requests[0][2]
        assert "authorization" not in other.requests[0][2]


def test_a_redirect_keeps_the_range(get: Obtain, tmp_path: Path) -> None:
    kept(tmp_path).parent.mkdir()
    kept(tmp_path).write_bytes(CONTENT[:1000])
    with serving(Lender()) as other, serving(redirects(f"{other.origin}/x")) as web:
        assert get(f"{web.origin}/model.onnx").read_bytes() == CONTENT
        assert other.requests[0][2]["range"] == "bytes=1000-"


def test_a_redirect_to_a_file_of_this_machine_is_not_followed(get: Obtain) -> None:
    with serving(redirects("file:///etc/passwd")) as web, pytest.raises(ResourceUnavailable):
        get(f"{web.origin}/model.onnx")


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_an_object_is_fetched_with_a_signature(get: Obtain, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    store = ObjectStore(region="us-east-1" if scheme == "s3" else "auto")
    store.objects["models/clouds/model.onnx"] = CONTENT
    names = {"s3": ("AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
             "gs": ("STORAGE_EMULATOR_HOST", "GS_ACCESS_KEY_ID", "GS_SECRET_ACCESS_KEY")}[scheme]  # fmt: skip
    with serving(store) as web:
        for name, value in zip(names, (web.origin, KEYS.access_key, KEYS.secret_key), strict=True):
            monkeypatch.setenv(name, value)
        assert get(f"{scheme}://models/clouds/model.onnx").read_bytes() == CONTENT


def test_an_object_that_anybody_may_read_needs_no_keys(get: Obtain, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ObjectStore(credentials=None)
    store.objects["models/model.onnx"] = CONTENT
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with serving(store) as web:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", web.origin)
        assert get("s3://models/model.onnx").read_bytes() == CONTENT


def test_keys_stand_in_no_error(get: Obtain, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    with serving(ObjectStore(credentials=None)) as web:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", web.origin)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPLANTED")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
        with pytest.raises(ResourceUnavailable) as caught:
            get("s3://models/model.onnx")
    assert not {"AKIAPLANTED", "hunter2"} & set(" ".join([str(caught.value), caught.value.hint, *said]).split())


def test_two_that_ask_at_once_fetch_once(get: Obtain, said: list[str]) -> None:
    held, asked = threading.Event(), threading.Event()
    lender = Lender()

    def slow(handler: object) -> None:
        asked.set()
        held.wait(10)
        lender(handler)  # pyright: ignore[reportArgumentType]

    found: list[Path] = []
    with serving(slow) as web:
        threads = [threading.Thread(target=lambda: found.append(get(f"{web.origin}/model.onnx"))) for _ in range(2)]
        threads[0].start()
        assert asked.wait(10)
        threads[1].start()
        while "another process is fetching it: waiting" not in said:
            asked.wait(0.01)
        held.set()
        for one in threads:
            one.join(10)
        assert len(web.requests) == 1
    assert len(found) == 2
    assert found[0].read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / f".sha256-{SHA256}.part").mkdir()
    with serving(Lender()) as web, pytest.raises(ResourceUnavailable, match=r"cannot be kept in .*shelf"):
        obtain(f"{web.origin}/model.onnx", SHA256, print, folder=tmp_path / "shelf")


def test_a_file_beside_the_description_is_taken_instead(tmp_path: Path) -> None:
    place = tmp_path / "model.onnx"
    place.write_bytes(CONTENT)
    assert at_hand(place, "https://nowhere.invalid/model.onnx", SHA256, print) == place


def test_a_file_beside_it_with_another_digest_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWATH_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "model.onnx"
    place.write_bytes(b"an older model")
    with serving(Lender()) as web:
        assert at_hand(place, f"{web.origin}/model.onnx", SHA256, lambda step: None).read_bytes() == CONTENT
    assert cache_folder() == tmp_path / "cache"


@pytest.mark.parametrize(
    ("href", "uri"), [("model.onnx", False), ("models/a.onnx", False), ("https://a.b/c", True), ("s3://a/b", True)]
)
def test_a_path_is_told_from_a_uri(href: str, uri: bool) -> None:
    assert is_uri(href) is uri
