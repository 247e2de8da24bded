"""Each attack works on a naive reader (shown first where that takes little) and fails here."""

import contextlib
import os
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pybase64
import pytest
import rasterio
from affine import Affine
from converters.rasters import image, naive_read, naive_write, png_of_zeros, samples

from swath_converters import Image, Part, Policy
from swath_converters.errors import (
    AccessDenied,
    ConversionError,
    MalformedValue,
    TooLarge,
    UndecodableImage,
    Unplaceable,
)
from swath_converters.ground import to_world
from swath_converters.image import decode_image, encode_image, from_wire, to_wire
from swath_converters.window import read_window

POLICY = Policy()


class Server:
    """A web server on this machine that counts what it is asked for."""

    def __init__(self, url: str, requests: list[str]) -> None:
        self.url = url
        self.requests = requests


@pytest.fixture
def server() -> Iterator[Server]:
    content = encode_image(Image(samples((1, 8, 8), "uint8")), "image/png")
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    web = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    yield Server(f"http://127.0.0.1:{web.server_port}/secret.png", requests)
    web.shutdown()
    web.server_close()
    thread.join()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that no caller may read."""
    path = tmp_path / "private" / "secret.txt"
    path.parent.mkdir()
    path.write_bytes(b"the secret of this machine, 64 bytes and then some more of them.")
    return path


def vrt(source: str) -> bytes:
    return (f'<VRTDataset rasterXSize="8" rasterYSize="8"><VRTRasterBand dataType="Byte" band="1" {source}').encode()


def raw_vrt(path: Path) -> bytes:
    return vrt(
        f'subClass="VRTRawRasterBand"><SourceFilename relativeToVRT="0">{path}</SourceFilename><ImageOffset>0'
        "</ImageOffset><PixelOffset>1</PixelOffset><LineOffset>8</LineOffset></VRTRasterBand></VRTDataset>"
    )


def source_vrt(name: str) -> bytes:
    return vrt(
        f'><SimpleSource><SourceFilename relativeToVRT="0">{name}</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )


def test_a_vrt_cannot_read_a_file_of_the_server(secret: Path):
    attack = raw_vrt(secret)
    with rasterio.Env(GDAL_VRT_RAWRASTERBAND_ALLOWED_SOURCE="ALL"):
        assert naive_read(attack).tobytes().startswith(b"the secret")
    with pytest.raises(UndecodableImage, match="begins like none of"):
        decode_image(attack, POLICY)


def test_a_vrt_in_every_wire_form_is_refused(secret: Path):
    attack = raw_vrt(secret)
    text = pybase64.b64encode_as_string(attack)
    for value in (text, f"data:image/tiff;base64,{text}", {"data": text}, {"href": "cid:a"}, "cid:a"):
        with pytest.raises(UndecodableImage):
            from_wire(value, {"a": Part(attack, "image/tiff")}, POLICY)


@pytest.mark.parametrize("driver", ["BMP", "GIF", "PNM", "WEBP", "NITF", "ENVI", "GPKG"])
def test_other_drivers_never_see_the_bytes(driver: str):
    beginnings = {
        "BMP": b"BM",
        "GIF": b"GIF89a",
        "PNM": b"P5\n",
        "WEBP": b"RIFF\0\0\0\0WEBP",
        "NITF": b"NITF02.10",
        "ENVI": b"ENVI\n",
        "GPKG": b"SQLite format 3\0",
    }
    with pytest.raises(UndecodableImage, match="begins like none of"):
        decode_image(beginnings[driver] + bytes(200), POLICY)


@pytest.mark.parametrize("percent", [25, 50, 90, 99])
def test_a_cut_png_never_shows_another_callers_pixels(percent: int):
    marker = b"the victim's px!"
    victim = Image(np.frombuffer(marker * (128 * 128 * 3 // 16), np.uint8).reshape(3, 128, 128))
    attack = encode_image(Image(samples((3, 128, 128), "uint8")), "image/png")
    attack = attack[: len(attack) * percent // 100]
    naive_read(attack)  # succeeds, with whatever the memory held
    for _ in range(5):
        decode_image(encode_image(victim, "image/png"), POLICY)
        with pytest.raises(UndecodableImage):
            decode_image(attack, POLICY)


def test_no_url_is_fetched(server: Server):
    # In a process of its own: GDAL holds the interpreter's lock while it waits for the answer.
    naive = f"import rasterio; rasterio.open({server.url!r})"
    subprocess.run([sys.executable, "-W", "ignore", "-c", naive], check=True, timeout=60)
    assert server.requests
    server.requests.clear()
    for value in (server.url, {"href": server.url}, f"/vsicurl/{server.url}", {"href": f"/vsicurl/{server.url}"}):
        with pytest.raises((AccessDenied, MalformedValue)):
            from_wire(value, {}, POLICY)
    with pytest.raises(UndecodableImage):
        decode_image(source_vrt(f"/vsicurl/{server.url}"), POLICY)
    assert server.requests == []


def test_a_crs_is_never_fetched_nor_read_from_a_file(server: Server, secret: Path):
    for crs in (server.url, f"IGNF:{server.url}", str(secret), f"file://{secret}", f'PROJCS["{server.url}"]'):
        with pytest.raises(MalformedValue) as refused:
            from_wire({"data": to_wire(image()), "crs": crs}, {}, POLICY)
        assert refused.value.pointer == "/crs"
    assert server.requests == []


@pytest.mark.parametrize("scheme", ["http", "https", "s3", "gs", "ftp", "vsimem", "gopher", "HTTP"])
def test_another_scheme_is_denied_by_name_with_what_is_allowed(scheme: str):
    with pytest.raises(AccessDenied, match=f"{scheme.lower()!r}.*allowed: data:, cid:"):
        from_wire(f"{scheme}://example.org/a.tif", {}, POLICY)


@pytest.mark.parametrize(
    "text", ["/etc/passwd", "../../etc/passwd", "/vsizip//vsimem/a.zip/b.tif", "GTIFF_DIR:1:/a.tif"]
)
def test_a_path_is_no_image(text: str):
    for value in (text, {"href": text}):
        with pytest.raises((AccessDenied, MalformedValue)):
            from_wire(value, {}, POLICY)


def test_a_file_uri_is_denied_by_default_alike_whether_the_file_exists_or_not(tmp_path: Path):
    path = tmp_path / "scene.tif"
    path.write_bytes(encode_image(image()))
    messages = set[str]()
    for uri in (path.as_uri(), (tmp_path / "absent.tif").as_uri()):
        with pytest.raises(AccessDenied) as denied:
            from_wire(uri, {}, POLICY)
        messages.add(str(denied.value))
    assert len(messages) == 1
    assert "scene" not in messages.pop()


@pytest.mark.parametrize(
    "uri",
    [
        "file://{outside}/scene.tif",
        "file://{root}/../outside/scene.tif",
        "file://{root}/%2e%2e/outside/scene.tif",
        "file://{root}/link.tif",
        "file://{root}/folder/scene.tif",
        "file://{root}/absent.tif",
        "file://{root}/absent%00.tif",
        "file://{root}",
        "file://{root}/pipe",
        "file://example.org{root}/scene.tif",
        "file://{root}-sibling/scene.tif",
        "file:scene.tif",
        "file:///dev/zero",
        "file:///proc/self/environ",
    ],
)
def test_a_file_outside_the_allowed_folder_is_denied_with_one_message(uri: str, tmp_path: Path):
    root, outside, sibling = tmp_path / "root", tmp_path / "outside", tmp_path / "root-sibling"
    for folder in (root, outside, sibling):
        folder.mkdir()
        (folder / "scene.tif").write_bytes(encode_image(image()))
    (root / "link.tif").symlink_to(outside / "scene.tif")
    (root / "folder").symlink_to(outside)
    os.mkfifo(root / "pipe")
    with pytest.raises(AccessDenied) as denied:
        from_wire(uri.format(root=root, outside=outside), {}, Policy.below(root))
    assert str(denied.value) == "The file: URI names no file that may be read here."


def test_a_file_in_the_allowed_folder_is_read_also_through_links_inside(tmp_path: Path):
    sent = image()
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "scene.tif").write_bytes(encode_image(sent))
    (tmp_path / "link.tif").symlink_to(tmp_path / "inner" / "scene.tif")
    for name in ("inner/scene.tif", "link.tif", "inner/../link.tif"):
        received = from_wire(f"file://{tmp_path}/{name}", {}, Policy.below(tmp_path))
        np.testing.assert_array_equal(received.array, sent.array)


def test_sidecar_files_are_not_read(tmp_path: Path):
    path = tmp_path / "scene.png"
    path.write_bytes(encode_image(Image(samples((1, 8, 8), "uint8")), "image/png"))
    Path(f"{path}.aux.xml").write_text("<PAMDataset><Metadata><MDI key='from'>a sidecar</MDI></Metadata></PAMDataset>")
    path.with_suffix(".pgw").write_text("10\n0\n0\n-10\n500000\n4000000\n")
    with rasterio.open(path) as naive:
        assert naive.tags()["from"] == "a sidecar"
        assert not naive.transform.is_identity
    received = from_wire(path.as_uri(), {}, Policy.below(tmp_path))
    assert (dict(received.tags), received.transform) == ({}, None)


def test_a_decompression_bomb_is_refused_by_its_header():
    bomb = png_of_zeros(12_000, 12_000)
    assert len(bomb) < 200_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=r"144,000,000 pixels.*100,000,000"):
            decode_image(bomb, Policy(max_pixels=100_000_000))
        with pytest.raises(TooLarge, match="144,000,000 bytes once decoded"):
            decode_image(bomb, Policy(max_decoded_bytes=100_000_000))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_small_image_of_one_huge_tile_is_refused():
    tile = {"tiled": True, "blockxsize": 16_384, "blockysize": 16_384, "SPARSE_OK": True, "compress": "deflate"}
    bomb = naive_write(np.zeros((1, 16, 16), np.uint8), "GTiff", **tile)
    with pytest.raises(TooLarge, match="in a block"):
        decode_image(bomb, Policy(max_decoded_bytes=100_000_000))


def test_too_many_bands_are_refused():
    with pytest.raises(TooLarge, match="5 bands; at most 4"):
        decode_image(encode_image(image(bands=5)), Policy(max_bands=4))


@pytest.mark.parametrize("form", ["base64", "data", "file"])
def test_too_many_bytes_are_refused(form: str, tmp_path: Path):
    content = encode_image(image())
    (tmp_path / "a.tif").write_bytes(content)
    text = to_wire(image())
    value = {"base64": text, "data": f"data:,{'a' * 2000}", "file": (tmp_path / "a.tif").as_uri()}[form]
    policy = Policy(max_encoded_bytes=1000, schemes=frozenset({"file"}), roots=(tmp_path,))
    with pytest.raises(TooLarge, match="bytes; at most 1,000"):
        from_wire(value, {}, policy)


def test_limits_that_are_met_exactly_are_accepted():
    sent = image("uint8", 3, 10, 20)
    decode_image(encode_image(sent), Policy(max_pixels=200, max_bands=3, max_decoded_bytes=20 * 10 * 3))


def test_errors_tell_nothing_of_this_machine(secret: Path, capfd: pytest.CaptureFixture[str]):
    content = encode_image(image())
    for attack in (content[:-50], raw_vrt(secret), b"", b"\x89PNG\r\n\x1a\n", b"II*\0" + bytes(50), content[:20]):
        with pytest.raises(ConversionError) as refused:
            decode_image(attack, POLICY)
        text = f"{refused.value} {refused.value.hint}".replace("image/", "").replace("application/", "")
        assert not any(word in text for word in ("vsimem", "secret", "/", "rasterio", "GDAL"))
        assert refused.value.__cause__ is None
    assert capfd.readouterr() == ("", "")


def test_coordinates_without_end_take_no_time():
    """PROJ brings a longitude back to one turn step by step: 1e17 m take seconds, 1e300 m for ever."""
    far = naive_write(samples((1, 8, 8), "uint8"), "GTiff", crs="EPSG:3857", transform=Affine(1e300, 0, 0, 0, -1, 0))
    near = encode_image(image(crs="EPSG:3857"))
    with pytest.raises(UndecodableImage, match="beyond all places"):
        decode_image(far, POLICY)
    with pytest.raises(UndecodableImage, match="beyond all places"):
        read_window(far, POLICY, {"bbox": [0, 0, 1, 1]})
    for box in ([1e200, 0, 1e300, 1], [-1e18, -1e18, 1e18, 1e18]):
        for crs in ("EPSG:3857", "EPSG:32631"):
            with contextlib.suppress(MalformedValue):  # or the image is in the box
                read_window(near, POLICY, {"bbox": box, "crs": crs})
    with pytest.raises(Unplaceable):
        to_world([[1e300, 0]], image(crs="EPSG:3857"))
    with pytest.raises(MalformedValue):
        from_wire({"data": to_wire(image()), "crs": "EPSG:3857", "transform": [1e300, 0, 0, 0, -1, 0]}, {}, POLICY)
