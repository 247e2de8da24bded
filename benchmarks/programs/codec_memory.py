"""How much memory one conversion takes above idle, as the kernel counts it: bytes on standard output.

Arguments: WHO WHAT MEDIA_TYPE FILE. WHO is ours or rasterio, WHAT is read or write; the file is the image in that
media type. A small image is converted before.
"""

import sys
from pathlib import Path

from codecs_by_rasterio import read_by_rasterio, write_by_rasterio

from swath_converters import Image, Policy
from swath_converters.image import decode_image, encode_image


def status_bytes(name: str) -> int:
    """A line of this process's status, bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024


def main(who: str, what: str, media_type: str, file: Path) -> int:
    """Bytes at the peak, less what there was before."""
    content = file.read_bytes()
    image = decode_image(content, Policy())
    small = Image(image.array[:, :64, :64].copy())
    if who == "ours":
        read, write = (lambda one: decode_image(one, Policy())), (lambda one: encode_image(one, media_type))
    else:
        read, write = read_by_rasterio, (lambda one: write_by_rasterio(one.array, media_type))
    read(write(small))
    given = content if what == "read" else image
    if what == "read":
        del image
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # VmHWM begins again
    idle = status_bytes("VmRSS")
    result = (read if what == "read" else write)(given)
    peak = status_bytes("VmHWM") - idle
    del result
    return peak


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])))
