"""Bodies that come compressed mean what they mean unpacked."""

import gzip
import json
import zlib

import numpy as np
import pytest
from backports import zstd
from contract.conftest import base64_of
from contract.forms import PROCESS, post_json, post_raw

from swath_converters import Image
from swath_converters.image import encode_image

NPY = "application/x-npy"

PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
    "ZSTD": zstd.compress,
}


def send(client, content: bytes, coding: str, kind: str = "application/json"):
    return client.send("POST", PROCESS, content, {"Content-Type": kind, "Content-Encoding": coding})


@pytest.mark.parametrize("coding", PACK)
def test_a_compressed_body_is_answered_as_the_plain_one(serve, geotiff: bytes, coding: str):
    client = serve("echo")
    document = {"image": base64_of(geotiff)}
    answer = send(client, PACK[coding](json.dumps(document).encode()), coding).expect(200)
    assert answer.body == post_json(client, document).body


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_compressed_image_is_taken_as_it_is(serve, geotiff: bytes, coding: str):
    client = serve("echo")
    answer = send(client, PACK[coding](geotiff), coding, "image/tiff").expect(200)
    assert answer.body == post_raw(client, geotiff, accept="application/json").body


def test_a_compressed_body_larger_than_what_is_received_at_once_is_taken_as_it_is(serve):
    client = serve("echo")
    scene = encode_image(Image(np.random.default_rng(1).integers(0, 65536, (1, 1100, 700), np.uint16)), NPY)
    packed = gzip.compress(scene, 1)
    assert len(packed) > 1 << 20
    headers = {"Content-Type": NPY, "Content-Encoding": "gzip", "Accept": NPY}
    assert client.send("POST", PROCESS, packed, headers).expect(200).body == scene


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
@pytest.mark.parametrize("harm", ["cut", "garbled", "plain", "empty"])
def test_a_damaged_compressed_body_is_refused(serve, coding: str, harm: str):
    whole = PACK[coding](b'{"image": "QUJD"}' * 20)
    harmed = {"cut": whole[:-3], "garbled": whole[:8] + b"\xff" * 8 + whole[16:], "plain": b"{}", "empty": b""}[harm]
    answer = send(serve("echo"), harmed, coding).expect(400)
    assert answer.json["type"].endswith("malformed-request")


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "compress", "gzip;q=1"])
def test_another_content_coding_is_refused_with_those_that_are_read(serve, coding: str):
    answer = send(serve("echo"), b"{}", coding).expect(415)
    assert answer.headers["accept-encoding"] == "gzip, deflate, zstd"
    assert "zstd" in answer.json["hint"]
