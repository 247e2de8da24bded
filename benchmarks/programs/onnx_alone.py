"""The limit of batching: onnxruntime alone, on batches of one size that are there already.

A number of runs on standard input, their times in seconds as JSON on standard output.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime


def main(model: Path, patches: Path, scores: Path) -> None:
    """Score the patches once into a file, then as often as asked."""
    given = np.load(patches) * np.float32(1e-4)
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    scores.write_text(json.dumps(session.run(None, {"patches": given})[0].tolist()))
    print("ready", flush=True)
    for line in sys.stdin:
        took_s: list[float] = []
        for _ in range(int(line)):
            began = time.perf_counter()
            session.run(None, {"patches": given})
            took_s.append(time.perf_counter() - began)
        print(json.dumps(took_s), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[3]), Path(sys.argv[4]))
