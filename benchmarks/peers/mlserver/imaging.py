"""MLServer: one model in the server's own process, which is its quickest way; an image is a BYTES tensor of base64."""

import base64
from io import BytesIO

import numpy as np
from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput
from rasters import decode, encode, means_of


class Imaging(MLModel):
    """Does what the name of its one input says."""

    async def load(self) -> bool:
        """Nothing to load."""
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """One tensor: a total, means, or an image."""
        tensor = payload.inputs[0]
        output = _total(list(tensor.data)) if tensor.name == "sum" else _imaged(tensor.name, tensor.data[0])
        return InferenceResponse(id=payload.id, model_name=self.name, outputs=[output])


def _total(numbers: list[float]) -> ResponseOutput:
    if any(not 0 <= number <= 1000 for number in numbers):
        raise ValueError("0 to 1000")
    return ResponseOutput(name="total", shape=[1], datatype="FP64", data=[sum(numbers)])


def _imaged(work: str, text: str) -> ResponseOutput:
    content = base64.b64decode(text)
    if content.startswith(b"\x93NUMPY"):
        array, profile = np.load(BytesIO(content)), None
    else:
        array, profile = decode(content)
    if work == "means":
        means = means_of(array)
        return ResponseOutput(name="means", shape=[len(means)], datatype="FP64", data=means)
    inverted = np.invert(array)
    encoded = encode(inverted, profile) if profile else inverted.tobytes()
    data = [base64.b64encode(encoded).decode("ascii")]
    return ResponseOutput(name="image", shape=[1], datatype="BYTES", data=data)
