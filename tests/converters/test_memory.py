"""How much memory a conversion takes, above idle and per byte of pixels, as the kernel counts it."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import numpy as np
from swath_converters import Image, Policy
from swath_converters.image import decode_image, encode_image, from_wire, to_wire

def status(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

rows, columns = np.mgrid[0:1024, 0:1024]
noise = np.random.default_rng(0).integers(0, 100, (1024, 1024))
tile = (np.sin(columns / 300) * 3000 + rows + 5000 + noise).astype(np.uint16)
pixels = np.tile(tile, (4, 2, 2))
from_text = lambda text, policy: from_wire(text, {}, policy)
decode, encode = (decode_image, encode_image) if sys.argv[1] == "binary" else (from_text, to_wire)
encode_small = encode(Image(np.zeros((1, 600, 600), np.uint16)))
decode(encode_small, Policy())
value = encode(Image(pixels))
size = pixels.nbytes
del pixels, noise, rows, columns, tile
with open("/proc/self/clear_refs", "w") as reset:
    reset.write("5")  # VmHWM begins again
idle = status("VmRSS") - len(value)
encode(decode(value, Policy()))
print((status("VmHWM") - idle) / size)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel does not count peaks here")
@pytest.mark.parametrize(("form", "most"), [("binary", 3.0), ("base64", 5.0)])
def test_an_image_in_and_out_takes_little_more_than_its_pixels(form: str, most: float):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, form], capture_output=True, text=True, check=True, timeout=120
    )
    assert float(done.stdout) <= most
