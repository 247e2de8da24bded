"""LitServe: one API, of the kind that the first argument names, on the port of the second.

JSON for what fits into it, multipart for bytes: it has no other binary route.
"""

import base64
import sys
from typing import Any

import litserve
import numpy as np
from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from rasters import decode, encode, means_of, samples


class SumInput(BaseModel):
    """Two numbers and a label."""

    model_config = ConfigDict(extra="forbid")

    a: float = Field(ge=0, le=1000)
    b: float = Field(ge=0, le=1000)
    label: str = Field("none", max_length=40)


class ImageInput(BaseModel):
    """An image as base64."""

    model_config = ConfigDict(extra="forbid")

    image: str


class Sum(litserve.LitAPI):
    """Two numbers added."""

    def setup(self, device: str) -> None:
        """Nothing to load."""

    def decode_request(self, request: SumInput) -> SumInput:
        """The input as it is."""
        return request

    def predict(self, given: SumInput) -> dict[str, Any]:
        """The total."""
        return {"total": given.a + given.b, "label": given.label}


class Means(litserve.LitAPI):
    """Means of a PNG in JSON."""

    def setup(self, device: str) -> None:
        """Nothing to load."""

    def decode_request(self, request: ImageInput) -> Any:
        """Samples."""
        return decode(base64.b64decode(request.image))[0]

    def predict(self, array: Any) -> dict[str, Any]:
        """A mean for each band."""
        return {"means": means_of(array)}


class Invert(litserve.LitAPI):
    """A GeoTIFF in JSON inverted."""

    def setup(self, device: str) -> None:
        """Nothing to load."""

    def decode_request(self, request: ImageInput) -> Any:
        """Samples and profile."""
        return decode(base64.b64decode(request.image))

    def predict(self, given: Any) -> Any:
        """The inverted samples, and the profile."""
        return np.invert(given[0]), given[1]

    def encode_response(self, output: Any) -> dict[str, Any]:
        """The file as base64."""
        return {"image": base64.b64encode(encode(*output)).decode("ascii")}


class InvertBinary(Invert):
    """A GeoTIFF from a form inverted, as it is."""

    def decode_request(self, request: Request) -> Any:
        """Samples and profile."""
        return decode(request["image"].file.read())

    def encode_response(self, output: Any) -> Response:
        """The file."""
        return Response(encode(*output), media_type="image/tiff")


class MeansRaw(Means):
    """Means of bare samples from a form."""

    def decode_request(self, request: Request) -> Any:
        """Samples."""
        return samples(request["image"].file.read())


class InvertRaw(litserve.LitAPI):
    """Bare samples from a form inverted."""

    def setup(self, device: str) -> None:
        """Nothing to load."""

    def decode_request(self, request: Request) -> Any:
        """Samples."""
        return samples(request["image"].file.read())

    def predict(self, array: Any) -> Any:
        """The inverted samples."""
        return np.invert(array)

    def encode_response(self, output: Any) -> Response:
        """The samples, bare."""
        return Response(output.tobytes(), media_type="application/octet-stream")


KINDS = {
    "tiny": Sum,
    "png": Means,
    "geotiff-json": Invert,
    "geotiff-binary": InvertBinary,
    "raw-in": MeansRaw,
    "raw-in-out": InvertRaw,
}

if __name__ == "__main__":
    server = litserve.LitServer(KINDS[sys.argv[1]](), accelerator="cpu", timeout=120)
    server.run(host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", generate_client_file=False)
