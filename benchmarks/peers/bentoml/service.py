"""BentoML: a service with a JSON method for each kind of JSON, and one with a bare body for each kind of bytes."""

import base64
from pathlib import Path
from typing import Annotated, Any

import bentoml
import numpy as np
from bentoml.validators import ContentType
from pydantic import BaseModel, Field
from rasters import decode, encode, means_of, samples

Bytes = Annotated[Path, ContentType("application/octet-stream")]
Octets = Annotated[bytes, ContentType("application/octet-stream")]


class Total(BaseModel):
    """A total and the label that was given."""

    total: float = Field(ge=0, le=2000)
    label: str = Field(max_length=40)


class Means(BaseModel):
    """A mean for each band."""

    means: list[float] = Field(min_length=1)


class Inverted(BaseModel):
    """An image as base64."""

    image: str


@bentoml.service(traffic={"timeout": 120, "max_concurrency": 128}, threads=8)
class Imaging:
    """Everything that the benchmark asks."""

    @bentoml.api
    def total(
        self,
        a: Annotated[float, Field(ge=0, le=1000)],
        b: Annotated[float, Field(ge=0, le=1000)],
        label: Annotated[str, Field(max_length=40)] = "none",
    ) -> Total:
        """Two numbers added."""
        return Total(total=a + b, label=label)

    @bentoml.api
    def means(self, image: str) -> Means:
        """Means of a PNG."""
        return Means(means=means_of(decode(base64.b64decode(image))[0]))

    @bentoml.api
    def invert(self, image: str) -> Inverted:
        """A GeoTIFF inverted."""
        array, profile = decode(base64.b64decode(image))
        return Inverted(image=base64.b64encode(encode(np.invert(array), profile)).decode("ascii"))

    @bentoml.api
    def invert_binary(self, body: Bytes, /) -> Octets:
        """A GeoTIFF inverted, as it is."""
        array, profile = decode(body.read_bytes())
        return encode(np.invert(array), profile)

    @bentoml.api
    def means_raw(self, body: Bytes, /) -> Means:
        """Means of bare samples."""
        return Means(means=means_of(_samples(body)))

    @bentoml.api
    def invert_raw(self, body: Bytes, /) -> Octets:
        """Bare samples inverted."""
        return np.invert(_samples(body)).tobytes()


def _samples(body: Path) -> Any:
    return samples(body.read_bytes())
