"""Tiles side by side: several images, lists of them, and images within objects. It takes whatever there is."""

import numpy as np
from shared_tools.joining import side_by_side


class Process:
    def on_start(self):
        self.started = True

    def process(self, **inputs):
        tiles = inputs["tiles"]
        if not self.started or not all(type(one) is np.ndarray for one in [inputs["before"], *tiles]):
            raise TypeError("bare arrays are expected")
        places = inputs["places"] or []
        region = inputs["region"]
        sums = [int(one.sum()) for one in tiles] + [place["at"] + int(place["picture"].sum()) for place in places]
        if region:
            sums.append(len(region["coordinates"][0]))
        whole = side_by_side([inputs["before"], *tiles])
        return {"whole": whole, "parts": [inputs["before"], *tiles], "sums": sums}
