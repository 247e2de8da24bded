"""The algorithm's folder with a model in it, made where git ignores it."""

import hashlib
import shutil
from pathlib import Path

from benchmarks.batching.model import SIDE_PX, write_model

SOURCE = Path(__file__).parents[1] / "algorithms" / "classify"
NO_DIGEST = "0" * 64


def prepare(folder: Path, side_px: int = SIDE_PX) -> Path:
    """The folder, its model for patches of that size, and the digest of the model in its describe.yml."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in SOURCE.iterdir():
        if source.is_file():
            shutil.copy(source, folder)
    model = folder / "model.onnx"
    if not model.is_file():
        write_model(model, side_px)
    description = folder / "describe.yml"
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    description.write_text(description.read_text(encoding="utf-8").replace(NO_DIGEST, digest), encoding="utf-8")
    return folder
