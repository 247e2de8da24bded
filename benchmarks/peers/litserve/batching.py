"""LitServe with its own batching: decoded requests are gathered, and predicted at once."""

import sys
from typing import Any

import litserve
from patch_scores import MAX_DELAY_S, MAX_SIZE, open_session, samples_of, scores_of
from pydantic import BaseModel


class Patch(BaseModel):
    """A patch as base64 of NPY."""

    image: str


class Classify(litserve.LitAPI):
    """Ten scores of a patch."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self.session = open_session()

    def decode_request(self, request: Patch) -> Any:
        """Samples."""
        return samples_of(request.image)

    def batch(self, inputs: list[Any]) -> list[Any]:
        """The patches as they are: they are stacked where they are scored."""
        return inputs

    def predict(self, patches: list[Any]) -> list[Any]:
        """Scores of each."""
        return scores_of(self.session, patches)

    def encode_response(self, output: Any) -> dict[str, Any]:
        """Scores as JSON."""
        return {"scores": output}


if __name__ == "__main__":
    api = Classify(max_batch_size=MAX_SIZE, batch_timeout=MAX_DELAY_S)
    server = litserve.LitServer(api, accelerator="cpu", timeout=120)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", generate_client_file=False)
