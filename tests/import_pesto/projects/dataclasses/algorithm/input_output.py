from dataclasses import dataclass
from typing import List

import numpy as np
from pesto.cli.fields import Definition, definition, field, user_definition


@dataclass
class Input:
    image: np.array = definition(Definition.Image, required=True, description="Input")
    about: dict = definition(Definition.Metadata, default_factory=dict)
    gain: float = field("What to multiply by", default=None)
    steps: int = field("How many images", default=None)
    name: str = field("What it is called", default=None)
    weights: object = field("Of the steps", default=None)


@dataclass
class Output:
    steps: int
    image: np.array = definition(Definition.Image)
    image_list: List[np.array] = definition(Definition.Images)
    areas: object = definition(Definition.Polygons)
    gain: float = field()
    name: str = field()
    about: dict = definition(Definition.Metadata)
    found: object = user_definition("found")
