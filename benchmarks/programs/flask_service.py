"""The endpoints that one would write by hand with Flask and pydantic; started with `gunicorn flask_service:app`."""

import base64
from typing import Any

import numpy as np
from flask import Flask, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rasters import decode, encode, means_of, samples

app = Flask(__name__)


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


@app.errorhandler(ValidationError)
def refuse(error: ValidationError) -> tuple[Any, int]:
    """What is wrong with the input."""
    return jsonify(detail=error.errors(include_url=False, include_input=False)), 422


@app.get("/health")
def health() -> str:
    """Alive."""
    return "OK"


@app.post("/sum")
def add() -> Response:
    """Two numbers added."""
    given = SumInput.model_validate(request.get_json())
    return jsonify(SumOutput(total=given.a + given.b, label=given.label).model_dump())


@app.post("/means")
def means() -> Response:
    """Means of a PNG."""
    given = ImageInput.model_validate(request.get_json())
    return jsonify(MeansOutput(means=means_of(decode(base64.b64decode(given.image))[0])).model_dump())


@app.post("/invert")
def invert() -> Response:
    """A GeoTIFF inverted."""
    given = ImageInput.model_validate(request.get_json())
    array, profile = decode(base64.b64decode(given.image))
    content = base64.b64encode(encode(np.invert(array), profile)).decode("ascii")
    return jsonify(ImageOutput(image=content).model_dump())


@app.post("/invert/binary")
def invert_binary() -> Response:
    """A GeoTIFF inverted, as it is."""
    array, profile = decode(request.get_data())
    return Response(encode(np.invert(array), profile), mimetype="image/tiff")


@app.post("/means/raw")
def means_raw() -> Response:
    """Means of bare samples."""
    return jsonify(MeansOutput(means=means_of(samples(request.get_data()))).model_dump())


@app.post("/invert/raw")
def invert_raw() -> Response:
    """Bare samples inverted."""
    return Response(np.invert(samples(request.get_data())).tobytes(), mimetype="application/octet-stream")
