"""Small synthetic images."""

from swath_packager.image import Image
from swath_packager.layers import Entry, make_layer
from swath_packager.store import Store


def small_image(store: Store, *, python: str | None = "3.11.2", entries: tuple[Entry, ...] = ()) -> Image:
    """An image of one layer with two files; `python` is what its environment says."""
    layer = make_layer([Entry("etc/hostname", b"base"), Entry("usr/bin/python3", link="python3.11"), *entries], store)
    env = ["PATH=/usr/bin", *([f"PYTHON_VERSION={python}"] if python else [])]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": "1980-01-01T00:00:00Z",
        "config": {"Env": env, "Cmd": ["python3"], "WorkingDir": "/work"},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
        "history": [{"created_by": "a test"}],
    }
    return Image(config, (layer,))
