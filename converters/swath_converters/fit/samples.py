"""Samples of another dtype, another nodata value: exactly, or not at all."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..errors import ConversionError
from ..memory import Image, Nodata, can_hold, same_nodata
from .record import Change, Fitted

ROUNDINGS = ("exact", "nearest")


class CannotFit(ConversionError):
    """An image cannot be made to fit without changing what it says."""


def cast(image: Image, dtype: DTypeLike, *, nodata: Nodata = None, rounding: str = "exact") -> Fitted:
    """The image with samples of another dtype, the same numbers; never wrapped, never clipped.

    Args:
        image: any; scale and offset stay as they are.
        dtype: of numpy.
        nodata: value that means nodata in the result; None: the one of before, where the dtype can hold it.
        rounding: `exact` refuses an image of which a sample has no equal in the dtype; `nearest` takes the nearest
            that there is, halves to the even one, and still refuses what is out of range. Infinities stay.

    Returns:
        The image; samples that were nodata are nodata. `change.details` has the largest difference made.

    Raises:
        CannotFit: a valid sample is out of range, is NaN where the dtype has none, has an imaginary part, comes out as
            the nodata value, or (`exact`) is none of the dtype's; or the dtype cannot hold the nodata value.
        ValueError: no such rounding.
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"{rounding!r} is no rounding; known: {', '.join(ROUNDINGS)}.")
    target = np.dtype(dtype)
    wanted = tuple(value if nodata is None else nodata for value in image.nodatas)
    details: dict[str, Any] = {"from": image.dtype.name, "to": target.name, "rounding": rounding}
    details["largestDifference"] = 0.0
    if target == image.dtype and all(map(same_nodata, wanted, image.nodatas)):
        return Fitted(image, Change("cast", details, is_needed=False))
    array, largest = np.empty(image.shape, target), 0.0
    for to, samples, old, new in zip(array, image.array, image.nodatas, wanted, strict=True):
        absent = _is(samples, old)
        if absent.any() or nodata is not None:
            _check_nodata(target, new)
        valid = ~absent if image.mask is None else ~absent & image.mask
        to[...], error = _converted(samples, valid, target, rounding)
        to[absent] = new if new is not None else 0
        _check_no_clash(to, valid, new)
        largest = max(largest, error)
    kept = tuple(value if value is not None and can_hold(target, value) else None for value in wanted)
    changed = replace(image, array=array, nodata=kept, color_map=image.color_map if target.kind in "iu" else None)
    return Fitted(changed, Change("cast", details | {"largestDifference": largest, "nodata": changed.nodata}))


def set_nodata(image: Image, nodata: float | int) -> Fitted:
    """The image with another value that means nodata, written where it was nodata and where its mask is False.

    Returns:
        The image, of one nodata value and without a mask.

    Raises:
        CannotFit: the dtype cannot hold the value, or a measurement has it.
    """
    _check_nodata(image.dtype, nodata)
    details = {"from": image.nodata, "to": nodata}
    if image.mask is None and all(same_nodata(value, nodata) for value in image.nodatas):
        return Fitted(image, Change("set_nodata", details, is_needed=False))
    array = image.array.copy()
    count = 0
    for samples, old in zip(array, image.nodatas, strict=True):
        absent = _is(samples, old) if image.mask is None else _is(samples, old) | ~image.mask
        _check_no_clash(samples, ~absent, nodata)
        samples[absent] = nodata
        count += int(absent.sum())
    changed = replace(image, array=array, nodata=nodata, mask=None)
    return Fitted(changed, Change("set_nodata", details | {"samples": count}))


def _converted(
    samples: NDArray[Any], valid: NDArray[np.bool_], target: np.dtype[Any], rounding: str
) -> tuple[NDArray[Any], float]:
    """The samples in the other dtype, 0 where they are not valid, and the largest difference among the valid."""
    values = np.where(valid, samples, samples.dtype.type(0))
    if values.dtype.kind == "c" and target.kind != "c":
        if np.imag(values).any():
            raise CannotFit(f"Samples have an imaginary part, and {target.name} has none.")
        values = np.real(values)
    before = values
    if target.kind in "iub":
        values = _whole(values, target)
    with np.errstate(over="ignore"):
        result = values.astype(target)
    if target.kind in "fc" and not np.array_equal(np.isfinite(result), np.isfinite(values)):
        raise CannotFit(f"A sample is out of the range of {target.name}.")
    is_same = _equal(before, result)
    if rounding == "exact" and not is_same.all():
        raise CannotFit(
            f"{int((~is_same).sum())} samples have no equal in {target.name}.", hint="Ask for rounding to the nearest."
        )
    return result, _largest(before[~is_same], result[~is_same])


def _whole(values: NDArray[Any], target: np.dtype[Any]) -> NDArray[Any]:
    """Rounded to whole numbers, checked to be in range."""
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise CannotFit(
                f"A sample is NaN or infinite, and {target.name} has neither.", hint="Declare it as nodata."
            )
        values = np.rint(values)
    low, high = (0, 1) if target.kind == "b" else (np.iinfo(target).min, np.iinfo(target).max)
    least, most = int(values.min()), int(values.max())
    if least < low or most > high:
        raise CannotFit(f"Samples from {least} to {most} are out of the range of {target.name}, {low} to {high}.")
    return values


def _equal(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    """Where two arrays hold the same numbers, NaN like NaN; 64-bit integers and floats compared exactly."""
    if other.dtype.kind == "c" and one.dtype.kind != "c":
        other = np.real(other)
    with np.errstate(invalid="ignore", over="ignore"):
        back = (
            other.astype(one.dtype) if one.dtype.kind != "f" or other.dtype.kind in "fc" else other.astype(np.float64)
        )
    same = (one == back) & np.logical_not(_beyond(other, one.dtype))
    return same | (np.isnan(one) & np.isnan(back))


def _beyond(values: NDArray[Any], dtype: np.dtype[Any]) -> Any:
    """Where a float is the first whole number above an integer dtype, which wraps or saturates on the way back."""
    if dtype.kind not in "iu" or values.dtype.kind not in "fc":
        return False
    return np.real(values) >= float(2 ** (dtype.itemsize * 8 - (dtype.kind == "i")))


def _largest(before: NDArray[Any], after: NDArray[Any]) -> float:
    if not before.size:
        return 0.0
    return float(np.abs(before.astype(np.complex128) - after.astype(np.complex128)).max())


def _is(samples: NDArray[Any], nodata: Nodata) -> NDArray[np.bool_]:
    if nodata is None:
        return np.zeros(samples.shape, np.bool_)
    return np.isnan(samples) if math.isnan(nodata) else samples == samples.dtype.type(nodata)


def _check_nodata(dtype: np.dtype[Any], nodata: Nodata) -> None:
    if nodata is not None and not can_hold(dtype, nodata):
        raise CannotFit(
            f"No {dtype.name} sample can be {nodata}, so it cannot mean nodata.", hint="Name another value."
        )


def _check_no_clash(samples: NDArray[Any], valid: NDArray[np.bool_], nodata: Nodata) -> None:
    if nodata is not None and can_hold(samples.dtype, nodata) and (_is(samples, nodata) & valid).any():
        raise CannotFit(f"Measurements have the value {nodata}, so it cannot mean nodata.", hint="Name another value.")
