"""The example of docs/batching.md is right, and runs."""

import re
from pathlib import Path

import numpy as np
import yaml

from swath_algorithm.check import check
from swath_algorithm.folder import open_algorithm
from swath_converters import Image
from swath_runtime.context import InputRejected
from swath_runtime.load import Loaded
from swath_runtime.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "batching.md").read_text("utf-8")
DESCRIBE, PROCESS = (
    re.findall(rf"<!-- {name} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)[0] for name in ("describe", "process")
)
AROUND = {
    "name": "means", "title": "Means", "version": "1.0.0", "family": "test", "description": "Means of images.",
    "organization": "Swath", "email": "tests@swath.example", "resources": {"cpu": 1, "ram": 1 << 30},
    "input": {
        "type": "object",
        "properties": {"image": {"$ref": "image/1"}, "factor": {"type": "number", "default": 1}},
        "required": ["image"],
    },
    "output": {"type": "object", "properties": {"mean": {"type": "number"}}, "required": ["mean"]},
}  # fmt: skip


def test_the_example_of_the_page_is_without_mistakes_and_runs(tmp_path: Path):
    (tmp_path / "describe.yml").write_text(yaml.safe_dump(AROUND) + DESCRIBE)
    (tmp_path / "process.py").write_text(PROCESS)
    assert check(tmp_path) == []
    loaded = Loaded(open_algorithm(tmp_path), Settings(algorithm=tmp_path))
    images = [Image(np.full((1, 2, 2), value, np.float32)) for value in (3, np.nan)]
    items = [{"image": image, "factor": 2.0} for image in images]
    good, bad = loaded.process_batch(items, context=loaded.context())
    assert good == {"mean": 6.0}
    assert isinstance(bad, InputRejected)
    assert loaded.process(**items[0], context=loaded.context()) == {"mean": 6.0}
