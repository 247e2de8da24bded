"""The endpoints that one would write by hand with FastAPI; started with `uvicorn fastapi_service:app`.

Each has two forms: `def`, which FastAPI runs on its threads, so that others are answered meanwhile, and `async def`
(below /async), which has no thread between it and the socket, and keeps everybody else waiting.
"""

import base64
from typing import Annotated

import numpy as np
from fastapi import Body, FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from rasters import decode, encode, means_of, samples

app = FastAPI()


class SumInput(BaseModel):
    """Two numbers and a label."""

    model_config = ConfigDict(extra="forbid")

    a: float = Field(ge=0, le=1000)
    b: float = Field(ge=0, le=1000)
    label: str = Field("none", max_length=40)


class SumOutput(BaseModel):
    """Their total."""

    total: float = Field(ge=0, le=2000)
    label: str = Field(max_length=40)


class ImageInput(BaseModel):
    """An image as base64."""

    model_config = ConfigDict(extra="forbid")

    image: str


class MeansOutput(BaseModel):
    """A mean for each band."""

    means: list[float] = Field(min_length=1)


class ImageOutput(BaseModel):
    """An image as base64."""

    image: str


@app.get("/health")
async def health() -> str:
    """Alive."""
    return "OK"


@app.post("/sum")
def add(given: SumInput) -> SumOutput:
    """Two numbers added."""
    return SumOutput(total=given.a + given.b, label=given.label)


@app.post("/means")
def means(given: ImageInput) -> MeansOutput:
    """Means of a PNG."""
    return MeansOutput(means=means_of(decode(base64.b64decode(given.image))[0]))


@app.post("/invert")
def invert(given: ImageInput) -> ImageOutput:
    """A GeoTIFF inverted."""
    array, profile = decode(base64.b64decode(given.image))
    return ImageOutput(image=base64.b64encode(encode(np.invert(array), profile)).decode("ascii"))


@app.post("/invert/binary")
def invert_binary(body: Annotated[bytes, Body(media_type="image/tiff")]) -> Response:
    """A GeoTIFF inverted, as it is."""
    array, profile = decode(body)
    return Response(encode(np.invert(array), profile), media_type="image/tiff")


@app.post("/means/raw")
def means_raw(body: Annotated[bytes, Body(media_type="application/octet-stream")]) -> MeansOutput:
    """Means of bare samples."""
    return MeansOutput(means=means_of(samples(body)))


@app.post("/invert/raw")
def invert_raw(body: Annotated[bytes, Body(media_type="application/octet-stream")]) -> Response:
    """Bare samples inverted."""
    return Response(np.invert(samples(body)).tobytes(), media_type="application/octet-stream")


@app.post("/async/sum")
async def add_async(given: SumInput) -> SumOutput:
    """Two numbers added."""
    return add(given)


@app.post("/async/means")
async def means_async(given: ImageInput) -> MeansOutput:
    """Means of a PNG."""
    return means(given)


@app.post("/async/invert")
async def invert_async(given: ImageInput) -> ImageOutput:
    """A GeoTIFF inverted."""
    return invert(given)


@app.post("/async/invert/binary")
async def invert_binary_async(request: Request) -> Response:
    """A GeoTIFF inverted, as it is."""
    return invert_binary(await request.body())


@app.post("/async/means/raw")
async def means_raw_async(request: Request) -> MeansOutput:
    """Means of bare samples."""
    return means_raw(await request.body())


@app.post("/async/invert/raw")
async def invert_raw_async(request: Request) -> Response:
    """Bare samples inverted."""
    return invert_raw(await request.body())
