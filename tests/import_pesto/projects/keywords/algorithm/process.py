"""Where an image is bright: keyword arguments, none of them annotated."""

import numpy as np

from algorithm.reading import usual_level


class Process:
    usual = None

    def on_start(self) -> None:
        Process.usual = usual_level(__file__)

    def process(self, image, mask, level, invert):
        if mask is not None and mask.shape[1:] != image.shape[1:]:
            raise ValueError("the mask is of another size")
        bright = image.mean(axis=0) > (self.usual if level is None else level)
        if invert:
            bright = ~bright
        if mask is not None:
            bright &= mask[0] > 0
        image[:] = 0  # whoever called it has no use for it any more
        return {"mask": bright[None].astype(np.uint8), "share": float(bright.mean())}
