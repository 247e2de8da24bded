"""An image times a gain: the dataclass style, with all kinds of outputs."""

import numpy as np

from .input_output import Input, Output


class Process:
    def process(self, input: Input):
        gain = input.gain or 0.5
        steps = input.steps or 2
        about = input.about
        about["weights"] = input.weights or []
        height, width = input.image.shape[1:]
        ring = [[0, 0], [0, height], [width, height], [width, 0], [0, 0]]
        area = {"type": "Polygon", "coordinates": [ring]}
        feature = {"type": "Feature", "geometry": area, "properties": {"confidence": 0.75}}
        return Output(
            image=self.multiplied(input.image, gain),
            image_list=[self.multiplied(input.image, gain / (step + 1)) for step in range(steps)],
            areas=[area],
            gain=gain,
            steps=steps,
            name=input.name or "nameless",
            about=about,
            found={"type": "FeatureCollection", "features": [feature]},
        )

    @staticmethod
    def multiplied(image, gain):
        return np.clip(image.astype(np.float32) * gain, 0, 255).astype(np.uint8)
