"""Scores of patches by a model, one at a time or as many as are there."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_runtime import Context

REFLECTANCE = np.float32(1e-4)


class Process:
    """Holds the model of its context."""

    def on_start(self, context: Context) -> None:
        """Keep the model."""
        self.model = context.model

    def process(self, image: Image) -> dict[str, Any]:
        """Ten scores of one patch."""
        return self.process_batch([{"image": image}])[0]

    def process_batch(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Ten scores of each patch, by one run of the model."""
        patches = np.stack([item["image"].array for item in items])
        return [{"scores": scores.tolist()} for scores in self._scores(patches)]

    def _scores(self, patches: NDArray[np.uint16]) -> NDArray[np.float32]:
        """Scores (patches, 10) of samples (patches, 13, 64, 64)."""
        return self.model.run({"patches": patches * REFLECTANCE})["scores"]
