"""Making an image fit what a service supports: the steps of `swath_registry.matching`, done by `swath_converters.fit`.

What matching says would make an image fit is what happens here, step by step. Where a step shows what couldn't be
known before, like the size after a reprojection, the rest is planned anew from what it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from swath_registry.matching import Step, apply_steps, match

from .described import described
from .errors import ImageMalformed
from .facts import number
from .fit import CannotFit, Change, Tile, cast, reformat, reproject, resample, select_bands, tiles
from .memory import Image
from .policy import Policy

Document = dict[str, Any]
Store = Callable[[bytes, str], str]
"""Puts a file of a media type somewhere, and gives the URI by which a service finds it."""

_NUMPY_NAMES = {"cfloat32": "complex64", "cfloat64": "complex128"}
_OF_THE_FILE = ("mediaType", "compression", "compressionLossless", "overviews", "href", "data")


@dataclass(frozen=True)
class Fit:
    """An image that fits, or one of its tiles.

    Attributes:
        image: its samples.
        document: what is to be sent beside them: an object of the registry type `image`.
        content: the file; None where it isn't known, and nothing asks for another.
        changes: what was done, step by step.
        tile: where it lies in the whole image, to merge results; None where it wasn't cut.
    """

    image: Image
    document: Document
    content: bytes | None = None
    changes: tuple[Change, ...] = ()
    tile: Tile | None = None


def fit_image(
    image: Image,
    document: Mapping[str, Any],
    capabilities: Mapping[str, Any],
    *,
    content: bytes | None = None,
    policy: Policy | None = None,
    store: Store | None = None,
) -> Iterator[Fit]:
    """The image as a service takes it: one, or its tiles by rows.

    Args:
        image: its samples.
        document: what is known of it, of the registry type `image`: what its header says (`header.image_document`) and
            what else is known, like common names of bands.
        capabilities: of the registry type `imageCapabilities`. What the document leaves undecided is left alone.
        content: the file that it was read from, to be handed over as it is where that is all that is asked for.
        policy: limits of what is made.
        store: puts files where the service can get them, where it takes none by value.

    Raises:
        CannotFit: no conversion makes it fit (the message has each filter's obstacle), or a step would change what the
            image says; also where it is to be passed by reference and there is no `store`, or no file to put there.
        ImageMalformed: the document tells of other bands than the image has.
        ConversionError: of the steps.
    """
    if len(document.get("bands", ())) not in (0, image.count):
        raise ImageMalformed(f"The document tells of {len(document['bands'])} bands; the image has {image.count}.")
    fit, rewrite = Fit(image, dict(document), content), ()
    steps = _planned(document, capabilities)
    while at := next((index for index, step in enumerate(steps, 1) if step.operation == "reproject"), 0):
        rewrite = tuple(step for step in steps if step.operation == "reformat")
        fit = _with_file(next(carry_out(fit, steps[:at], policy=policy)), document)
        steps = _planned(fit.document, capabilities)
    if all(step.operation != "reformat" for step in steps):
        steps = (*steps, *rewrite)
    yield from carry_out(fit, steps, policy=policy, store=store)


def carry_out(
    fit: Fit, steps: Sequence[Step], *, policy: Policy | None = None, store: Store | None = None
) -> Iterator[Fit]:
    """The image after the steps, each done by the function of `swath_converters.fit` that it names.

    Raises as `fit_image`.
    """
    if not steps:
        yield fit
        return
    step, rest = steps[0], steps[1:]
    for done in _done(fit, step, policy, store):
        predicted = apply_steps(fit.document, (step,))
        if step.operation == "store":
            predicted["href"] = done.document["href"]
        document = _merged(predicted, done, is_tile=step.operation == "tile")
        yield from carry_out(replace(done, document=document), rest, policy=policy, store=store)


def _done(fit: Fit, step: Step, policy: Policy | None, store: Store | None) -> Iterator[Fit]:
    said, image = step.arguments, fit.image
    match step.operation:
        case "select_bands":
            yield _changed(fit, *select_bands(image, said["bands"]))
        case "reproject":
            yield _changed(fit, *reproject(image, said["crs"], gsd_m=said.get("gsd"), policy=policy))
        case "resample":
            width, height = said["size"]
            yield _changed(fit, *resample(image, size=(width, height), policy=policy))
        case "cast":
            dtype = np.dtype(_NUMPY_NAMES.get(said["dataType"], str(said["dataType"])))
            nodata = number(said.get("nodata"))
            yield _changed(fit, *cast(image, dtype, nodata=nodata, rounding=said["rounding"]))
        case "tile":
            for tile in tiles(image, said["width"], said["height"], said["overlap"]):
                change = Change("tile", {**said, "window": str(tile.window)})
                yield replace(fit, image=tile.image, content=None, changes=(*fit.changes, change), tile=tile)
        case "reformat":
            content, change = reformat(image, said["mediaType"])
            yield replace(fit, content=content, changes=(*fit.changes, change))
        case "embed":
            yield replace(fit, changes=(*fit.changes, Change("embed", {})))
        case "store":
            yield _stored(fit, store)


def _changed(fit: Fit, image: Image, change: Change) -> Fit:
    return replace(fit, image=image, content=None, changes=(*fit.changes, change))


def _stored(fit: Fit, store: Store | None) -> Fit:
    if store is None or fit.content is None:
        lacks = "there is nowhere to put this one" if store is None else "the file of this one isn't given"
        raise CannotFit(
            f"The service takes images by reference alone, and {lacks}.",
            hint="Give `store` and `content`, or refer to the image where it is.",
        )
    uri = store(fit.content, str(fit.document.get("mediaType", "")))
    return replace(fit, document=fit.document | {"href": uri}, changes=(*fit.changes, Change("store", {"to": uri})))


def _merged(predicted: Document, done: Fit, *, is_tile: bool) -> Document:
    """What was known before, what follows from it, and what the samples say now, which goes first where they say it.

    The gsd and the footprint are those of the document where it has them; a tile keeps the footprint of the whole.
    """
    seen = described(done.image, is_located=not {"gsd", "bbox"} <= predicted.keys())
    bands = [own | before for own, before in zip(seen["bands"], predicted.get("bands", seen["bands"]), strict=True)]
    unless_known = {name: seen[name] for name in ("gsd", "bbox") if name in seen}
    sure = {name: value for name, value in seen.items() if name not in ("gsd", "bbox", "bands") and value != "other"}
    document = unless_known | predicted | sure | {"bands": bands}
    if is_tile:
        for name in {"transform", "groundControlPoints", "rpc"} - seen.keys():
            document.pop(name, None)
    return document | ({} if done.content is None else {"sizeBytes": len(done.content)})


def _with_file(fit: Fit, document: Mapping[str, Any]) -> Fit:
    """As if the file were still of the kind that it was, so that what is left is planned as it was before."""
    kept = {name: document[name] for name in _OF_THE_FILE if name in document}
    bare = {name: value for name, value in fit.document.items() if name not in _OF_THE_FILE}
    return replace(fit, document=bare | kept)


def _planned(document: Mapping[str, Any], capabilities: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps of a match. Raises CannotFit where something stands in their way."""
    found = match(document, capabilities)
    if found.obstacles:
        told = " ".join(f"{name}: {why}" for name, why in found.obstacles.items())
        raise CannotFit(f"The image cannot be made to fit. {told}", hint="Choose another image, or another service.")
    return found.steps
