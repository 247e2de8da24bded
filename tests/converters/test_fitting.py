"""What matching says would make an image fit is what happens: the result's own header is accepted."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

from swath_converters import Image, Policy
from swath_converters.fit import CannotFit, merge
from swath_converters.fitting import Fit, carry_out, fit_image
from swath_converters.header import image_document
from swath_converters.image import decode_image, encode_image
from swath_registry.matching import apply_steps, match
from swath_registry.matching.formats import FORMS
from swath_registry.matching.truth import Truth
from swath_registry.validation import Validator

TYPES = ("uint8", "uint16", "int16", "int32", "float32", "float64", "complex64")
ACCEPTED = ("uint8", "uint16", "int16", "int32", "float32", "float64", "cfloat32", "cfloat64")
MEDIA = ("image/tiff", "image/png", "image/jp2", "image/jpeg", "application/x-npy", "application/x-npz")
KNOWN = {"acquisition": {"cloudCover": 5}}


def scene(source: random.Random) -> Image:
    count, height, width = source.randint(1, 5), source.randint(8, 90), source.randint(8, 90)
    dtype = np.dtype(source.choice(TYPES))
    array = np.random.default_rng(source.randint(0, 9)).integers(1, 200, (count, height, width)).astype(dtype)
    names = tuple(f"B{index:02}" for index in range(count)) if source.random() < 0.8 else ()
    nodata = source.choice([None, 0])
    return Image(array, "EPSG:32631", Affine(10, 0, 500_000, 0, -10, 5_000_000), nodata, names)


def wishes(source: random.Random) -> dict[str, Any]:
    every: dict[str, Any] = {
        "mediaTypes": source.sample(MEDIA, source.randint(1, 3)),
        "compressions": source.sample(["deflate", "none", "zstd", "lzw", "jpeg2000"], source.randint(1, 3)),
        "dataTypes": source.sample(ACCEPTED, source.randint(1, 3)),
        "passing": source.choice([["byValue"], ["byValue", "byReference"]]),
        "crsCodes": source.choice([["EPSG:32631", "EPSG:32632"], ["EPSG:32632"], ["EPSG:4326"], ["EPSG:3857"]]),
        "bands": source.choice(
            [
                {"allOf": [{"name": "B01"}, {"name": "B00"}], "ordered": True},
                {"allOf": [{"name": "B00"}], "exact": True},
            ]
        ),
        "bandCount": {"max": source.randint(1, 5)},
        "width": {"max": source.randint(10, 100)},
        "height": {"max": source.randint(10, 100)},
        "pixels": {"max": source.randint(64, 5000)},
        "gsd": {"min": source.choice([5, 12, 20])},
        "georeferenced": True,
        "cloudCover": {"max": 10},
        "tile": {"width": 32, "height": source.choice([16, 32]), "overlap": 4},
    }
    return {name: every[name] for name in source.sample(list(every), source.randint(1, 4))}


@pytest.mark.parametrize("seed", range(8))
def test_what_comes_out_is_accepted_by_its_own_header(seed: int):
    source, seen = random.Random(seed), Counter[str]()  # noqa: S311
    for _ in range(40):
        image, wanted = scene(source), wishes(source)
        document = image_document(encode_image(image), Policy()) | KNOWN
        found = match(document, wanted)
        if found.missing:  # an unnamed band is none that is asked for by name, and none that isn't
            continue
        if found.obstacles:
            with pytest.raises(CannotFit):
                next(fit_image(image, document, wanted))
            continue
        try:
            results = list(fit_image(image, document, wanted))
        except CannotFit as refusal:
            is_foreseen = found.after == "unknown" or any(step.caveat for step in found.steps)
            assert is_foreseen, (refusal, found.steps)
            continue
        seen.update(step.operation for step in found.steps)
        for one in results:
            _check(one, wanted)
    assert len(seen) >= 4


def _check(one: Fit, wanted: dict[str, Any]) -> None:
    """The document, and the header of the file with what no file holds, are accepted."""
    again = match(one.document, wanted)
    assert again.verdict == "accept", (wanted, [reason.message for reason in again.reasons], one.changes)
    assert Validator("image@1").violations(one.document) == []
    if one.content is None:
        return
    header = image_document(one.content, Policy())
    for name in ("size", "dataType", "mediaType", "compression", "sizeBytes", "overviews"):
        assert header[name] == one.document.get(name, header[name]), name
    if header["mediaType"] == "image/tiff":
        assert header.get("crs") == one.document.get("crs")
        assert np.allclose(header.get("transform", 0), one.document.get("transform", 0))
        assert [band["name"] for band in header["bands"]] == [band["name"] for band in one.document["bands"]]
    assert len(header["bands"]) == len(one.document["bands"])
    beside = {name: one.document[name] for name in one.document if name not in header or name == "bands"}
    assert match(header | beside, wanted).verdict == "accept"
    assert decode_image(one.content, Policy()).shape == one.image.shape


def test_the_document_of_each_step_is_what_was_foretold():
    image = scene(random.Random(3))  # noqa: S311
    document = image_document(encode_image(image), Policy())
    wanted = {"dataTypes": ["float64"], "gsd": {"min": 20}, "mediaTypes": ["application/x-npz"]}
    steps = match(document, wanted).steps
    assert [step.operation for step in steps] == ["resample", "cast", "reformat"]
    (result,) = carry_out(Fit(image, document), steps)
    foretold = apply_steps(document, steps)
    assert {name: result.document[name] for name in foretold if name != "bbox"} == {
        name: value for name, value in foretold.items() if name != "bbox"
    }
    assert [change.operation for change in result.changes] == [step.operation for step in steps]


def test_tiles_merge_to_the_whole_again():
    image = Image(np.arange(100 * 70, dtype=np.uint16).reshape(1, 100, 70))
    document = image_document(encode_image(image), Policy())
    results = list(fit_image(image, document, {"tile": {"width": 32, "height": 32, "overlap": 8}}))
    assert all(match(one.document, {"width": {"max": 32}}).verdict == "accept" for one in results)
    merged = merge(one.tile.with_result(one.image) for one in results if one.tile)
    assert (merged.array == image.array).all()


def test_a_cast_that_would_clip_is_refused_and_its_caveat_said_so():
    image = Image(np.full((1, 4, 4), 300, np.uint16))
    document = image_document(encode_image(image), Policy())
    wanted = {"dataTypes": ["uint8"]}
    assert match(document, wanted).steps[0].caveat == "a sample is out of the range of uint8"
    with pytest.raises(CannotFit, match="out of the range"):
        next(fit_image(image, document, wanted))


def test_by_reference_alone_needs_a_place_to_put_the_file():
    image = Image(np.zeros((1, 4, 4), np.uint8))
    document = image_document(encode_image(image, "image/png"), Policy(), href="scene.png")
    wanted = {"passing": ["byReference"], "mediaTypes": ["image/tiff"]}
    with pytest.raises(CannotFit, match="nowhere to put"):
        next(fit_image(image, document, wanted))
    kept: dict[str, bytes] = {}

    def store(content: bytes, media_type: str) -> str:
        kept[media_type] = content
        return "https://store.example/scene.tif"

    (result,) = fit_image(image, document, wanted, store=store)
    assert result.document["href"] == "https://store.example/scene.tif"
    assert kept == {"image/tiff": result.content}
    assert match(result.document, wanted).verdict == "accept"


def test_a_file_that_only_goes_another_way_is_handed_over_as_it_is():
    content = encode_image(Image(np.zeros((1, 4, 4), np.uint8)))
    image, document = decode_image(content, Policy()), image_document(content, Policy())
    (result,) = fit_image(
        image, document, {"passing": ["byReference"]}, content=content, store=lambda *_: "s3://b/a.tif"
    )
    assert result.content is content and result.document["href"] == "s3://b/a.tif"
    with pytest.raises(CannotFit, match="isn't given"):
        next(fit_image(image, document, {"passing": ["byReference"]}, store=lambda *_: "s3://b/a.tif"))


def test_an_image_that_fits_is_given_back_as_it_is():
    image = Image(np.zeros((1, 4, 4), np.uint8))
    document = image_document(encode_image(image), Policy())
    (result,) = fit_image(image, document, {"dataTypes": ["uint8"]})
    assert result.image is image and result.document == document and result.content is None and result.changes == ()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.media_type)
def test_matching_knows_what_each_file_holds(form: Any):
    """The table in the registry against the encoders here."""
    for dtype in (*TYPES, "float16", "int8", "uint32", "int64", "uint64", "complex128"):
        for count in (1, 2, 3, 4, 5):
            image = Image(np.zeros((count, 8, 8), dtype))
            name = {"complex64": "cfloat32", "complex128": "cfloat64"}.get(dtype, dtype)
            try:
                content = encode_image(image, form.media_type)
            except ValueError as error:
                raise AssertionError(form) from error
            except Exception as error:  # noqa: BLE001 - whatever the encoder refuses it with
                assert type(error).__name__ == "CannotEncode", error
                assert form.holds(name, count, (8, 8)) is Truth.FAILS, (name, count)
                continue
            assert form.holds(name, count, (8, 8)) is Truth.HOLDS, (name, count)
            if form.media_type != "image/webp":  # written only
                header = image_document(content, Policy())
                assert (header["mediaType"], header["compression"]) == (form.essence, form.compression)


def test_overviews_are_foretold():
    image = Image(np.zeros((1, 1100, 2100), np.uint8))
    content = encode_image(image, "image/tiff; profile=cloud-optimized")
    form = next(one for one in FORMS if one.has_overviews)
    assert image_document(content, Policy())["overviews"] == form.overviews((2100, 1100)) != []


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "RGB.byte.tif",
            {"dataTypes": ["float32"], "gsd": {"min": 600}, "crsCodes": ["EPSG:32617"], "georeferenced": True},
        ),
        ("RGB.byte.tif", {"bands": {"allOf": [{"commonName": "blue"}], "exact": True}, "mediaTypes": ["image/png"]}),
        ("RGBA.uint16.tif", {"bands": {"allOf": [{"commonName": "red"}, {"commonName": "blue"}], "exact": True}}),
        ("cogeo.tif", {"compressions": ["deflate"], "overviews": True, "crsCodes": ["EPSG:4326"]}),
        ("cogeo.tif", {"tile": {"width": 256, "height": 256, "overlap": 16}, "mediaTypes": ["image/jp2"]}),
        ("float_raster_with_nodata.tif", {"dataTypes": ["float64"], "compressions": ["zstd"], "width": {"max": 10}}),
        ("rotated.tif", {"dataTypes": ["uint16"], "mediaTypes": ["application/x-npy"], "pixels": {"max": 100}}),
    ],
)
def test_real_rasters_are_made_to_fit(name: str, wanted: dict[str, Any], real_raster: Callable[[str], Path]):
    content = real_raster(name).read_bytes()
    document = image_document(content, Policy(), href=name)
    assert match(document, wanted).verdict == "reject"
    for one in fit_image(decode_image(content, Policy()), document, wanted):
        _check(one, wanted)
