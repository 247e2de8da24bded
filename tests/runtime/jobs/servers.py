"""Jobs asked of a server process."""

import base64
import json

import numpy as np
from runtime.conftest import until

from swath_converters import Image
from swath_converters.image import encode_image

ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}


def accepted(server, **body):
    """The id of a job that was asked for."""
    status, _, content = server.ask("POST", "/jobs", body)
    assert status == 200, content
    return json.loads(content)["id"]


def job(server, ident):
    """What is said of a job."""
    status, _, content = server.ask("GET", f"/jobs/{ident}")
    return json.loads(content) if status == 200 else {"status": status}


def ended(server, ident):
    """What is said of a job once it has ended."""
    return until(lambda: (found := job(server, ident))["status"] in ENDED and found, f"the end of {ident}")


def image_body(side=64):
    """Noise as a GeoTIFF, in base64."""
    noise = np.random.default_rng(1).integers(0, 255, (1, side, side), np.uint8)
    return base64.b64encode(encode_image(Image(noise), "image/tiff")).decode()
