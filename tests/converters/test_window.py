"""Parts of an image, read without the rest."""

import io
import struct
import threading
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from converters.fuzz.intact import directories
from converters.rasters import UTM, image, naive_read, naive_write, samples
from converters.remote.web import file_of, serving
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.windows import Window

from swath_converters import Image, Policy
from swath_converters.access import open_ranges
from swath_converters.control import GroundControlPoint, Rpcs
from swath_converters.errors import BandMissing, FetchFailed, MalformedValue, TooLarge, UndecodableImage
from swath_converters.image import ENCODABLE, decode_image, encode_image
from swath_converters.roi import Roi
from swath_converters.window import read_part, read_window
from swath_converters.window_grid import PixelWindow, scaled
from swath_converters.window_place import RoiOutside

POLICY = Policy()
SIDE, BLOCK = 1024, 128
WINDOW = {"window": {"x": 300, "y": 410, "width": 100, "height": 90}}


def pyramid(driver: str = "GTiff", bands: int = 3, **options: Any) -> tuple[bytes, np.ndarray[Any, Any]]:
    """A tiled GeoTIFF with overviews (2, 4, 8), and its pixels."""
    array = samples((bands, SIDE, SIDE), "uint16")
    if driver == "COG":
        layout = {"BLOCKSIZE": str(BLOCK), "COMPRESS": "DEFLATE", "OVERVIEW_RESAMPLING": "NEAREST"}
        return naive_write(array, "COG", crs="EPSG:32631", transform=UTM, **layout), array
    layout = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "deflate", "interleave": "band"}
    shape = {"count": bands, "height": SIDE, "width": SIDE, "dtype": "uint16"}
    with MemoryFile() as file:
        with file.open(driver="GTiff", crs="EPSG:32631", transform=UTM, **layout | options, **shape) as dataset:
            dataset.write(array)
            dataset.build_overviews([2, 4, 8], Resampling.nearest)
        return file.read(), array


@pytest.fixture(scope="module")
def tiled() -> tuple[bytes, np.ndarray[Any, Any]]:
    return pyramid()


@pytest.mark.parametrize("driver", ["GTiff", "COG"])
def test_only_the_blocks_of_the_window_are_fetched(driver: str):
    content, array = pyramid(driver)
    with serving(file_of(content)) as web, open_ranges(f"{web.origin}/a.tif", web.policy(), block_bytes=4096) as file:
        received = read_window(file, POLICY, WINDOW)
    np.testing.assert_array_equal(received.array, array[:, 410:500, 300:400])
    blocks = 4 * 3 * BLOCK * BLOCK * 2  # 2 × 2 blocks of each band; random samples do not get smaller
    assert web.sent_bytes < blocks * 1.15 + 40_000
    assert web.sent_bytes < len(content) / 10


def test_only_the_bands_asked_for_are_fetched(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    content, array = tiled
    with serving(file_of(content)) as web, open_ranges(f"{web.origin}/a.tif", web.policy(), block_bytes=4096) as file:
        received = read_window(file, POLICY, WINDOW, bands=[2])
    np.testing.assert_array_equal(received.array, array[2:, 410:500, 300:400])
    assert web.sent_bytes < 4 * BLOCK * BLOCK * 2 * 1.15 + 40_000


@pytest.mark.parametrize("driver", ["GTiff", "COG"])
def test_fewer_pixels_come_from_an_overview(driver: str):
    content, _ = pyramid(driver)
    with serving(file_of(content)) as web, open_ranges(f"{web.origin}/a.tif", web.policy(), block_bytes=4096) as file:
        received = read_window(file, POLICY, max_size=SIDE // 8)
    assert received.shape == (3, SIDE // 8, SIDE // 8)
    assert received.transform == scaled(UTM, 8, 8)
    assert web.sent_bytes < 3 * (SIDE // 8) ** 2 * 2 * 1.25 + 60_000
    if driver == "GTiff":
        with MemoryFile(content) as file, file.open() as dataset:
            np.testing.assert_array_equal(received.array, dataset.read(out_shape=received.shape))


def test_an_allowed_file_is_read_as_bytes_are(tiled: tuple[bytes, np.ndarray[Any, Any]], tmp_path: Path):
    content, _ = tiled
    path = tmp_path / "scene.tif"
    path.write_bytes(content)
    with open_ranges(path.as_uri(), Policy.below(tmp_path)) as file:
        by_file = read_window(file, POLICY, WINDOW)
    for other in (content, bytearray(content), memoryview(content), io.BytesIO(content)):
        received = read_window(other, POLICY, WINDOW)
        np.testing.assert_array_equal(received.array, by_file.array)
        assert (received.crs, received.transform) == (by_file.crs, by_file.transform)


def test_without_a_region_the_whole_image_is_read_as_the_decoder_reads_it():
    content = encode_image(image())
    received, expected = read_window(content, POLICY), decode_image(content, POLICY)
    np.testing.assert_array_equal(received.array, expected.array)
    for fact in ("crs", "transform", "nodata", "band_names", "scales", "offsets", "tags"):
        assert getattr(received, fact) == getattr(expected, fact), fact


def test_the_window_has_its_own_transform_and_all_else_of_the_file(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    received = read_window(encode_image(image(height=60, width=50)), POLICY, Roi(window=PixelWindow(7, 9, 20, 30)))
    assert received.transform == scaled(UTM, 1, 1, 7, 9)
    assert (received.crs, received.nodata, received.band_names) == ("EPSG:32631", 0, ("B01", "B02", "B03"))
    assert received.tags["origin"] == "a test <&> 'é'"


def test_bands_are_taken_by_name_and_index_in_the_order_asked_for():
    sent = image()
    received = read_window(encode_image(sent), POLICY, bands=["B03", 0])
    np.testing.assert_array_equal(received.array, sent.array[[2, 0]])
    assert received.band_names == ("B03", "B01")
    assert received.scales == (sent.scales[2], sent.scales[0])


@pytest.mark.parametrize(("bands", "error"), [(["B9"], BandMissing), ([3], MalformedValue), ([], MalformedValue)])
def test_a_band_that_is_not_there_is_an_error(bands: list[Any], error: type[Exception]):
    with pytest.raises(error):
        read_window(encode_image(image()), POLICY, bands=bands)


def test_the_margin_is_read_and_can_be_cut_off(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    content, array = tiled
    part = read_part(content, POLICY, WINDOW | {"margin": 16})
    np.testing.assert_array_equal(part.image.array, array[:, 394:516, 284:416])
    rows, columns = part.inner.relative_to(part.window).slices
    np.testing.assert_array_equal(part.image.array[:, rows, columns], array[:, 410:500, 300:400])


def test_a_polygon_masks_what_it_does_not_touch_and_leaves_samples_alone(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    content, array = tiled
    west, north = 500_000 + 300 * 10, 4_000_000 - 400 * 10
    triangle = [[west, north], [west + 200, north], [west, north - 200], [west, north]]
    roi = {"polygon": {"type": "Polygon", "coordinates": [triangle]}, "crs": "EPSG:32631"}
    received = read_window(content, POLICY, roi)
    np.testing.assert_array_equal(received.array, array[:, 400:420, 300:320])
    rows, columns = np.mgrid[0:20, 0:20]
    assert received.mask is not None
    assert received.mask[rows + columns < 19].all()
    assert not received.mask[rows + columns > 20].any()


def test_the_margin_of_a_polygon_is_valid_too(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    x, y = 500_000 + 305.5 * 10, 4_000_000 - 405.5 * 10
    dot = [[x, y], [x + 1, y], [x, y + 1], [x, y]]
    roi = {"polygon": {"type": "Polygon", "coordinates": [dot]}, "crs": "EPSG:32631", "margin": 4}
    part = read_part(tiled[0], POLICY, roi)
    assert part.window == PixelWindow(301, 401, 9, 9)
    assert part.image.mask is not None
    assert part.image.mask.all()


def test_holes_of_a_polygon_are_masked(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    def ring(inset: int) -> list[list[float]]:
        low, high = inset * 10, (100 - inset) * 10
        corners = [(low, low), (high, low), (high, high), (low, high), (low, low)]
        return [[500_000 + x, 4_000_000 - y] for x, y in corners]

    roi = {"polygon": {"type": "Polygon", "coordinates": [ring(0), ring(20)]}, "crs": "EPSG:32631"}
    mask = read_window(tiled[0], POLICY, roi).mask
    assert mask is not None
    assert (mask[50, 50], mask[10, 50], mask[50, 90]) == (False, True, True)


def test_the_files_own_mask_counts_as_well():
    valid = np.ones((60, 50), np.bool_)
    valid[:, 30:] = False
    content = encode_image(image(height=60, width=50, mask=valid))
    received = read_window(content, POLICY, Roi(window=PixelWindow(20, 0, 20, 60)))
    np.testing.assert_array_equal(received.mask, valid[:, 20:40])


def test_a_polygon_that_touches_no_pixel_is_an_error(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    """It goes round the corner of the image, so that its box has pixels and it has none."""
    x, y = 500_000, 4_000_000
    bow = [[x - 99, y - 50], [x - 99, y + 99], [x + 50, y + 99], [x + 50, y + 90], [x - 90, y + 90], [x - 90, y - 50]]
    roi = {"polygon": {"type": "Polygon", "coordinates": [[*bow, bow[0]]]}, "crs": "EPSG:32631"}
    with pytest.raises(RoiOutside) as refused:
        read_window(tiled[0], POLICY, roi)
    assert refused.value.pointer == "/polygon"


@pytest.mark.parametrize("resampling", ["nearest", "average", "bilinear", "cubic", "mode"])
def test_decimation_is_what_gdal_makes_of_it(tiled: tuple[bytes, np.ndarray[Any, Any]], resampling: str):
    received = read_window(tiled[0], POLICY, WINDOW, decimation=1.5, resampling=resampling)
    assert received.shape == (3, 60, 67)
    with MemoryFile(tiled[0]) as file, file.open() as dataset:
        window = Window(300, 410, 100, 90)
        expected = dataset.read(window=window, out_shape=(3, 60, 67), resampling=Resampling[resampling])
    np.testing.assert_array_equal(received.array, expected)


def test_averages_leave_nodata_out():
    array = np.full((1, 8, 8), 100, np.uint16)
    array[0, ::2] = 0
    received = read_window(encode_image(Image(array, nodata=0)), POLICY, max_size=4, resampling="average")
    assert (received.array == 100).all()


def test_an_unknown_resampling_and_two_sizes_are_refused():
    content = encode_image(image())
    for wrong in ({"resampling": "best"}, {"max_size": 0}, {"decimation": 0.5}, {"max_size": 4, "decimation": 2}):
        with pytest.raises(ValueError, match=r"resampling|max_size"):
            read_window(content, POLICY, **wrong)


@pytest.mark.parametrize("media_type", [name for name in ENCODABLE if "webp" not in name and "jpeg" not in name])
def test_every_format_gives_the_same_part(media_type: str):
    array = samples((3, 70, 80), "uint8")
    content = encode_image(Image(array), media_type)
    window = Roi(window=PixelWindow(11, 22, 33, 40))
    np.testing.assert_array_equal(read_window(content, POLICY, window).array, array[:, 22:62, 11:44])
    np.testing.assert_array_equal(
        read_window(io.BytesIO(content), POLICY, window, bands=[1]).array[0], array[1, 22:62, 11:44]
    )
    np.testing.assert_array_equal(read_window(content, POLICY, decimation=2).array, array[:, 1::2, 1::2])


def test_control_points_and_rpcs_move_with_the_window():
    points = tuple(
        GroundControlPoint(row, column, 2 + column * 1e-4, 48 - row * 1e-4)
        for row in (0.0, 60.0)
        for column in (0.0, 50.0)
    )
    rpcs = Rpcs(
        *(0.0, 500.0, 48.0, 0.1, 2.0, 0.1, 29.5, 30.0, 24.5, 25.0),
        *((0.0, 0, 1.0, *[0.0] * 17), (1.0, *[0.0] * 19), (0.0, 1.0, *[0.0] * 18), (1.0, *[0.0] * 19)),
    )
    sent = image(height=60, width=50, crs=None, transform=None, gcps=points, gcp_crs="EPSG:4326", rpcs=rpcs)
    received = read_window(encode_image(sent), POLICY, Roi(window=PixelWindow(10, 20, 20, 40)), decimation=2)
    assert received.shape == (3, 20, 10)
    assert [(point.row, point.column) for point in received.gcps] == [(-10, -5), (-10, 20), (20, -5), (20, 20)]
    assert received.gcp_crs == "EPSG:4326"
    assert received.rpcs is not None
    # the middle of pixel (25, 30), where line_off + 0.5 = 30 and samp_off + 0.5 = 25 lie from the corner
    assert (received.rpcs.line_off + 0.5, received.rpcs.samp_off + 0.5) == ((30 - 20) / 2, (25 - 10) / 2)
    assert (received.rpcs.line_scale, received.rpcs.samp_scale) == (15, 12.5)


def test_a_part_of_an_image_that_is_too_large_is_read(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    small = Policy(max_pixels=20_000, max_decoded_bytes=200_000)
    with pytest.raises(TooLarge):
        decode_image(tiled[0], small)
    assert read_window(tiled[0], small, WINDOW).shape == (3, 90, 100)
    assert read_window(tiled[0], small, max_size=128).shape == (3, 128, 128)


@pytest.mark.parametrize(
    ("policy", "what"),
    [
        (Policy(max_pixels=8_999), "pixels to decode"),
        (Policy(max_decoded_bytes=53_999), "bytes to decode"),
        (Policy(max_bands=2), "bands"),
        (Policy(max_decoded_bytes=60_000), "in a block"),
    ],
)
def test_limits_hold_for_the_part(tiled: tuple[bytes, np.ndarray[Any, Any]], policy: Policy, what: str):
    with pytest.raises(TooLarge, match=what):
        read_window(tiled[0], policy, WINDOW)


def test_what_is_decoded_counts_not_what_comes_of_it():
    content = naive_write(np.zeros((1, 400, 400), np.uint8), "GTiff", tiled=True, blockxsize=64, blockysize=64)
    with pytest.raises(TooLarge, match="160,000 pixels to decode"):
        read_window(content, Policy(max_pixels=100_000), max_size=10)


def test_a_png_is_limited_as_a_whole():
    content = encode_image(Image(samples((1, 100, 100), "uint8")), "image/png")
    with pytest.raises(TooLarge):
        read_window(content, Policy(max_pixels=5_000), Roi(window=PixelWindow(0, 0, 10, 10)))


def test_a_numpy_file_longer_than_allowed_is_not_read():
    content = encode_image(Image(samples((1, 100, 100), "uint8")), "application/x-npy")
    with pytest.raises(TooLarge):
        read_window(io.BytesIO(content), Policy(max_encoded_bytes=5_000))


class Recorded(io.BytesIO):
    """A file with a tempting name, that can fail."""

    name = "/etc/passwd"
    fails_after = 10**9
    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > self.fails_after:
            raise FetchFailed("http://example.org", "it is gone")
        return super().read(size)


def test_what_the_file_raises_arrives_whenever_it_is_raised(
    tiled: tuple[bytes, np.ndarray[Any, Any]], capfd: pytest.CaptureFixture[str]
):
    whole = Recorded(tiled[0])
    read_window(whole, POLICY, WINDOW)
    for reads in range(whole.reads):
        file = Recorded(tiled[0])
        file.fails_after = reads
        with pytest.raises(FetchFailed, match="it is gone"):
            read_window(file, POLICY, WINDOW)
    assert capfd.readouterr() == ("", "")


def test_gdal_asks_for_no_other_file_and_learns_no_name(
    tiled: tuple[bytes, np.ndarray[Any, Any]], monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []
    given = rasterio.open

    def watched(name: str, *args: Any, opener: Any = None, **options: Any) -> Any:
        def recording(path: str, mode: str = "rb") -> Any:
            asked.append(path)
            return opener(path, mode)

        asked.append(name)
        return given(name, *args, opener=recording, **options)

    monkeypatch.setattr("swath_converters.window_open._rasterio.open", watched)
    read_window(Recorded(tiled[0]), POLICY, WINDOW)
    names = set(asked) - {"test"}  # rasterio tries the opener with that name
    assert len(names) == 1
    assert not any("passwd" in name for name in names)


def test_a_file_that_is_no_image_is_refused_before_gdal_sees_it():
    vrt = b'<VRTDataset rasterXSize="8" rasterYSize="8"></VRTDataset>'
    for source in (vrt, io.BytesIO(vrt)):
        with pytest.raises(UndecodableImage, match="begins like none of"):
            read_window(source, POLICY)


def test_a_cut_file_is_an_error_where_it_is_read(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    content = encode_image(Image(samples((1, 600, 600), "uint16")))
    half = content[: len(content) // 2]
    for source in (half, io.BytesIO(half)):
        with pytest.raises(UndecodableImage):
            read_window(source, POLICY, Roi(window=PixelWindow(500, 500, 50, 50)))


@pytest.mark.parametrize("kind", ["longer", "shorter", "changed"])
@pytest.mark.parametrize("is_file", [False, True])
def test_a_deflated_block_that_does_not_fill_its_place_is_an_error(kind: str, is_file: bool):
    """A naive reader succeeds with the first, and shows what its memory held: the last match did not fit."""
    whole = naive_write(np.zeros((1, 50, 64), np.uint8), "GTiff", compress="deflate", blockysize=50)
    packed = bytearray(
        zlib.compress(bytes({"longer": 50 * 64 + 100, "shorter": 50 * 64 - 1, "changed": 50 * 64}[kind]))
    )
    packed[-1] ^= kind == "changed"  # of the Adler-32
    forged = bytearray(whole + packed)
    places = {tag: at + 8 for at, tag, _, _ in directories(whole)[0]}
    for tag, number in ((273, len(whole)), (279, len(packed))):
        struct.pack_into("<I", forged, places[tag], number)
    if kind == "longer":
        assert naive_read(bytes(forged)).shape == (1, 50, 64)
    source: Any = io.BytesIO(forged) if is_file else bytes(forged)
    with pytest.raises(UndecodableImage, match="does not hold what belongs there"):
        read_window(source, POLICY)


def test_many_threads_read_windows_at_once_each_its_own(tiled: tuple[bytes, np.ndarray[Any, Any]]):
    content, array = tiled
    failures: list[str] = []

    def read(index: int) -> None:
        for turn in range(6):
            x, y = (index * 67 + turn * 31) % 900, (index * 41 + turn * 53) % 900
            source: Any = io.BytesIO(content) if turn % 2 else content
            received = read_window(source, POLICY, Roi(window=PixelWindow(x, y, 100, 90)), bands=[turn % 3])
            if not np.array_equal(received.array[0], array[turn % 3, y : y + 90, x : x + 100]):
                failures.append(f"{index} {turn}")
            broken = Recorded(content)
            broken.fails_after = 5 + turn
            try:
                read_window(broken, POLICY)
                failures.append(f"{index} {turn} broken")
            except FetchFailed:
                pass

    threads = [threading.Thread(target=read, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
