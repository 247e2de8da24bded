"""The client: one registry wherever it is, nothing believed that the lock doesn't say, and no network once cached."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from swath_registry.catalogue import Catalogue
from swath_registry.client import LockRewritten, NotARegistry, Registry, Tampered, Unreachable
from swath_registry.client.cache import Cache, default_cache
from swath_registry.client.sources import Folder, Web
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, UnknownSchema

IMAGE = json.loads((PUBLISHED.root / "image/1.0.0/examples/valid/full.json").read_text())
OBJECT = {"type": "object", "description": "A thing."}


@pytest.fixture(params=["installed", "schemas", "site", "served", "site on a web server"])
def found(request: pytest.FixtureRequest, address: str, site_folder: Path, tmp_path: Path) -> Registry:
    match request.param:
        case "installed":
            return Registry.open()
        case "schemas":
            return Registry.open(PUBLISHED.root)
        case "served":
            return Registry.open(address, cache=tmp_path / "cache")
        case "site":
            return Registry.open(str(site_folder))
        case _:
            return Registry(Answers(Folder(site_folder)), Cache(tmp_path / "cache"))


class Answers:
    """A source that counts what it is asked, can fall silent, and can lie."""

    def __init__(self, source: Any, address: str = "https://registry.example") -> None:
        self.source, self.address = source, address
        self.asked: list[str] = []
        self.is_silent = False
        self.lies: dict[str, bytes] = {}

    def read(self, path: str) -> bytes:
        self.asked.append(path)
        if self.is_silent:
            raise Unreachable(self.address, "does not answer")
        return self.lies.get(path) or self.source.read(path)

    def path_of(self, schema: Any) -> str:
        return self.source.path_of(schema)


def test_it_says_the_same_wherever_it_is(found: Registry, catalogue: Catalogue):
    assert found.types() == catalogue.store.types()
    assert found.resolve("image@1") == catalogue.resolve("image@1").schema
    assert found.schema("image@1") == catalogue.store.load("image@1")
    assert found.validate("image@1", IMAGE) == []
    broken = IMAGE | {"gsd": -1, "geometry": {"type": "Point"}}
    assert found.validate("image@1", broken) == Validator("image@1").violations(broken)
    assert found.validate_json("image@1", json.dumps(broken)) == found.validate("image@1", broken)
    assert (found.is_valid("image@1", IMAGE), found.is_valid("image@1", broken)) == (True, False)


def test_it_matches_an_image_with_capabilities(found: Registry):
    image = {"href": "scene.tif", "mediaType": "image/tiff"}
    assert found.match(image, {"mediaTypes": ["image/tiff"]}).verdict == "accept"


def test_an_unknown_type_is_told(found: Registry):
    with pytest.raises(UnknownSchema, match="imag"):
        found.validate("imag@1", {})


def test_only_what_is_needed_is_read(tmp_path: Path, catalogue: Catalogue):
    source = Answers(Folder(PUBLISHED.root))
    Registry(source, Cache(tmp_path)).validate("link@1.0.0", {"href": "x", "rel": "self"})
    assert sorted(source.asked) == ["link/1.0.0/schema.json", "registry.json", "registry.lock"]


def test_what_was_read_once_works_without_the_network(tmp_path: Path):
    source = Answers(Folder(PUBLISHED.root))
    assert not Registry(source, Cache(tmp_path)).validate("image@1", IMAGE)
    source.is_silent = True
    later = Registry(source, Cache(tmp_path))
    assert later.is_offline
    assert later.validate("image@1", IMAGE) == []
    with pytest.raises(Unreachable):
        later.validate("job@1", {})


def test_without_a_cache_a_silent_registry_is_told(tmp_path: Path):
    source = Answers(Folder(PUBLISHED.root))
    source.is_silent = True
    with pytest.raises(Unreachable) as told:
        Registry(source, Cache(tmp_path))
    assert told.value.exit_code == 3


def test_a_schema_that_was_tampered_with_is_refused_and_not_kept(tmp_path: Path):
    source = Answers(Folder(PUBLISHED.root))
    source.lies["link/1.0.0/schema.json"] = b'{"$id": "https://schemas.swath.example/link/1.0.0"}'
    opened = Registry(source, Cache(tmp_path))
    for _ in range(2):
        with pytest.raises(Tampered, match=r"link@1\.0\.0 from https://registry\.example"):
            opened.validate("link@1.0.0", {})
    assert not list(tmp_path.rglob("schemas/*"))


def test_a_schema_in_another_layout_is_the_same_schema(tmp_path: Path):
    source = Answers(Folder(PUBLISHED.root))
    source.lies["link/1.0.0/schema.json"] = json.dumps(PUBLISHED.load("link@1.0.0"), sort_keys=True).encode()
    assert Registry(source, Cache(tmp_path)).schema("link@1.0.0") == PUBLISHED.load("link@1.0.0")


def test_a_tampered_folder_is_refused_too(registry_of):
    root = registry_of({"a@1.0.0": OBJECT})
    path = root / "a/1.0.0/schema.json"
    path.write_text(path.read_text().replace("A thing", "Another thing"))
    with pytest.raises(Tampered):
        Registry.open(root).schema("a@1.0.0")


@pytest.mark.parametrize("damage", [b"", b"{", b'{"type": "string"}'])
def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, damage: bytes):
    source = Answers(Folder(PUBLISHED.root))
    Registry(source, Cache(tmp_path)).schema("link@1.0.0")
    (kept,) = tmp_path.glob("schemas/*.json")
    kept.write_bytes(damage)
    assert Registry(source, Cache(tmp_path)).schema("link@1.0.0") == PUBLISHED.load("link@1.0.0")
    assert kept.read_bytes() != damage


@pytest.mark.parametrize("name", ["registry.lock", "registry.json"])
def test_a_damaged_file_of_a_registry_is_read_anew(tmp_path: Path, name: str):
    source = Answers(Folder(PUBLISHED.root))
    before = Registry(source, Cache(tmp_path)).types()
    (kept,) = tmp_path.glob(f"origins/*/{name}")
    kept.write_bytes(b"\xff nonsense")
    assert Registry(source, Cache(tmp_path)).types() == before
    assert kept.read_bytes() != b"\xff nonsense"


def test_a_lock_that_was_rewritten_is_refused(tmp_path: Path):
    source = Answers(Folder(PUBLISHED.root))
    Registry(source, Cache(tmp_path))
    lock = (PUBLISHED.root / "registry.lock").read_text()
    source.lies["registry.lock"] = lock.replace("sha256:c83d", "sha256:0000").encode()
    with pytest.raises(LockRewritten, match=r"entry 1 of its lock was 1 batch@1\.0\.0") as told:
        Registry(source, Cache(tmp_path))
    assert str(tmp_path) in told.value.hint


def test_an_older_lock_does_not_take_versions_back(tmp_path: Path):
    source = Answers(Folder(PUBLISHED.root))
    before = Registry(source, Cache(tmp_path)).types()
    lines = (PUBLISHED.root / "registry.lock").read_text().splitlines()
    source.lies["registry.lock"] = "\n".join(lines[:-3]).encode()
    assert Registry(source, Cache(tmp_path)).types() == before


def test_refresh_sees_what_was_published_since(tmp_path: Path, registry_of):
    source = Answers(Folder(registry_of({"a@1.0.0": OBJECT}, "old")))
    opened = Registry(source, Cache(tmp_path / "cache"))
    assert opened.validate("a@1", {}) == []
    source.source = Folder(registry_of({"a@1.0.0": OBJECT, "a@1.1.0": {**OBJECT, "required": ["b"]}}, "new"))
    assert opened.resolve("a@1").version == "1.0.0"
    opened.refresh()
    assert opened.resolve("a@1").version == "1.1.0"
    assert [each.keyword for each in opened.validate("a@1", {})] == ["required"]


@pytest.mark.parametrize("lie", [b"nonsense\n", b"\xff", b""])
def test_what_is_no_lock_is_told(tmp_path: Path, lie: bytes):
    source = Answers(Folder(PUBLISHED.root))
    source.lies["registry.lock"] = lie or b"# nothing\n"
    with pytest.raises(Exception, match=r"registry\.example"):
        Registry(source, Cache(tmp_path))


@pytest.mark.parametrize("place", ["ftp://registry.example", "file:///etc", "/nowhere/at/all"])
def test_what_is_no_registry_is_told(place: str):
    with pytest.raises(NotARegistry) as told:
        Registry.open(place)
    assert told.value.exit_code == 2


def test_a_web_server_without_a_registry_is_told(address: str, tmp_path: Path):
    with pytest.raises(NotARegistry, match=r"registry\.lock: answered 404"):
        Registry.open(f"{address}/schemas/", cache=tmp_path)


def test_a_host_that_does_not_answer_is_asked_again_and_then_told(tmp_path: Path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    pauses: list[float] = []
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}"):
        Registry(Web(f"http://127.0.0.1:{port}", retries=2, pause=pauses.append), Cache(tmp_path))
    assert pauses == [0.5, 1.0]


def test_an_answer_that_is_too_large_is_refused(address: str):
    with pytest.raises(NotARegistry, match="more than 10 bytes"):
        Web(address, most_bytes=10).read("index.json")


def test_many_at_once_share_a_cache(address: str, tmp_path: Path):
    def validate(_: int) -> list[Any]:
        return Registry.open(address, cache=tmp_path).validate("image@1", IMAGE)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(validate, range(12))) == [[]] * 12
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]


def test_a_cache_that_can_not_be_written_costs_only_the_cache(address: str, tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert Registry.open(address, cache=tmp_path / "file").validate("image@1", IMAGE) == []


def test_the_client_brings_nothing_heavy_with_it():
    heavy = ("pydantic", "numpy", "rasterio", "click", "yaml", "uvicorn", "asyncio")
    program = f"import sys, swath_registry.client; print([one for one in {heavy!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_cache_is_where_the_settings_say():
    assert default_cache({"SWATH_CACHE": "/x"}).root == Path("/x/registry")
    assert default_cache({"XDG_CACHE_HOME": "/y"}).root == Path("/y/swath/registry")
