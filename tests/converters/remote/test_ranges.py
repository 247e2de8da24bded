"""`open_ranges`: only what is read is fetched, and all of it is of one file."""

import io
import os

import pytest
from converters.remote.web import Handler, file_of, serving

from swath_converters import Policy
from swath_converters.access import RangeFile, open_ranges
from swath_converters.errors import FetchFailed, TooLarge

CONTENT = bytes(range(256)) * 1000  # 256,000 bytes: 62.5 blocks of 4,096


def opened(web, **changes):
    file = open_ranges(f"{web.origin}/scene.tif", web.policy(**changes), block_bytes=4096, cache_bytes=40_960)
    assert isinstance(file, RangeFile)
    return file


def test_the_whole_file_is_read_as_it_is():
    with serving(file_of(CONTENT)) as web, opened(web) as file:
        assert file.size_bytes == len(CONTENT)
        assert file.read() == CONTENT
        assert file.read(1) == b""


def test_only_the_blocks_that_hold_what_is_read_are_fetched():
    with serving(file_of(CONTENT)) as web, opened(web) as file:
        file.seek(100_000)
        assert file.read(10) == CONTENT[100_000:100_010]
        assert (file.requests, file.fetched_bytes, web.sent_bytes) == (2, 8192, 8192)
        assert web.requests[-1][2]["range"] == "bytes=98304-102399"


def test_what_is_kept_is_not_fetched_again():
    with serving(file_of(CONTENT)) as web, opened(web) as file:
        for _ in range(5):
            file.seek(0)
            assert file.read(4096) == CONTENT[:4096]
        assert file.requests == 1


def test_neighbouring_blocks_come_in_one_request_without_those_that_are_kept():
    with serving(file_of(CONTENT)) as web, opened(web) as file:
        assert file.read(20_000) == CONTENT[:20_000]
        assert web.requests[-1][2]["range"] == "bytes=4096-20479"
        assert file.requests == 2


def test_the_cache_is_bounded():
    with serving(file_of(CONTENT)) as web, opened(web) as file:
        file.read()
        assert len(file._blocks) <= 10
        before = file.fetched_bytes
        file.seek(0)
        file.read(1)
        assert file.fetched_bytes == before + 4096


@pytest.mark.parametrize("whence", [os.SEEK_SET, os.SEEK_CUR, os.SEEK_END])
def test_it_seeks_as_a_file_does(whence: int):
    local = io.BytesIO(CONTENT)
    with serving(file_of(CONTENT)) as web, opened(web) as file:
        for distance in (0, 4095, 5, 300_000, 0):
            offset = -distance if whence == os.SEEK_END and distance < 300_000 else distance
            assert file.seek(offset, whence) == local.seek(offset, whence) == file.tell()
            assert file.read(5000) == local.read(5000)
        with pytest.raises(ValueError, match="negative"):
            file.seek(-1)


def test_one_connection_serves_all_ranges():
    ports = set[int]()

    def answer(handler: Handler) -> None:
        ports.add(handler.client_address[1])
        file_of(CONTENT)(handler)

    with serving(answer) as web, opened(web) as file:
        file.seek(200_000)
        file.read(9000)
        file.seek(50_000)
        file.read(9000)
    assert len(ports) == 1


def test_a_kept_connection_that_ended_is_made_again():
    def answer(handler: Handler) -> None:
        file_of(CONTENT)(handler)
        handler.close_connection = True  # without saying so

    with serving(answer) as web, opened(web) as file:
        assert file.read() == CONTENT


@pytest.mark.parametrize("changed", ["etag", "length"])
def test_a_file_that_changes_between_two_ranges_is_an_error(changed: str):
    def answer(handler: Handler) -> None:
        later = len(web.requests) > 1
        content = CONTENT + b"more" if later and changed == "length" else CONTENT
        file_of(content, '"two"' if later and changed == "etag" else '"one"')(handler)

    with serving(answer) as web, opened(web) as file:
        file.seek(100_000)
        with pytest.raises(FetchFailed, match="changed while it was read"):
            file.read(10)


@pytest.mark.parametrize(
    "content_range", ["bytes 0-4095/256000", "bytes 98304-98305/256000", "bytes 98304-102399/*", "98304-102399", ""]
)
def test_another_range_than_asked_for_is_an_error(content_range: str):
    def answer(handler: Handler) -> None:
        if len(web.requests) == 1:
            return file_of(CONTENT, "")(handler)
        return handler.reply(206, bytes(4096), [("Content-Range", content_range), ("ETag", "")])

    with serving(answer) as web, opened(web) as file:
        file.seek(100_000)
        with pytest.raises(FetchFailed, match="not that range"):
            file.read(10)


def test_a_server_that_ignores_ranges_is_read_once_and_whole():
    with serving(lambda handler: handler.reply(200, CONTENT)) as web, opened(web) as file:
        file.seek(100_000)
        assert file.read(10) == CONTENT[100_000:100_010]
        assert (file.requests, file.size_bytes, file.fetched_bytes) == (1, len(CONTENT), len(CONTENT))


def test_a_server_that_ignores_ranges_is_refused_where_the_whole_is_too_large():
    with (
        serving(lambda handler: handler.reply(200, CONTENT)) as web,
        pytest.raises(TooLarge, match="256,000 bytes; at most 100,000"),
    ):
        opened(web, max_encoded_bytes=100_000)


def test_a_range_of_a_file_that_is_too_large_to_fetch_whole_is_read_until_the_limit():
    with serving(file_of(CONTENT)) as web, opened(web, max_encoded_bytes=16_384) as file:
        file.seek(200_000)
        assert file.read(10) == CONTENT[200_000:200_010]
        with pytest.raises(TooLarge, match="at most 16,384"):
            file.read(20_000)
        assert file.fetched_bytes <= 16_384


def test_an_empty_file_and_an_absent_one_are_errors():
    with serving(file_of(b"")) as web, pytest.raises(FetchFailed, match="empty"):
        opened(web)
    with (
        serving(lambda handler: handler.reply(404)) as web,
        pytest.raises(FetchFailed, match=r"not there \(HTTP 404\)"),
    ):
        opened(web)


def test_a_local_file_is_opened_alike(tmp_path):
    (tmp_path / "a.bin").write_bytes(CONTENT)
    with open_ranges((tmp_path / "a.bin").as_uri(), Policy.below(tmp_path)) as file:
        file.seek(5)
        assert file.read(3) == CONTENT[5:8]
