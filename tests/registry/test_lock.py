"""What is published stays as it was: the lock, the archive beside each version, and what lint says of a change."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from swath_registry.frozen import ARCHIVE, files_of, pack, unpack
from swath_registry.lint import Finding, lint
from swath_registry.lock import digest, entries, lock_in, locked
from swath_schemas import PUBLISHED, LockDamaged, SchemaStore


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A registry of `link@1.0.0` and `metadata@1.0.0`, both published."""
    root = tmp_path / "schemas"
    for name in ("link", "metadata"):
        shutil.copytree(PUBLISHED.root / name, root / name, ignore=shutil.ignore_patterns(ARCHIVE))
    shutil.copy(PUBLISHED.root / "registry.json", root)
    store = SchemaStore(root)
    lock_in(store, list(store.schemas()))
    return root


def changed(root: Path) -> list[Finding]:
    found = lint(store=SchemaStore(root))
    assert {each.rule for each in found} <= {"published", "unfinished"}
    return found


def test_what_was_just_published_is_unchanged(root: Path) -> None:
    assert changed(root) == []


def test_a_changed_schema_is_named_with_file_and_line_and_what_it_was(root: Path) -> None:
    path = root / "link" / "1.0.0" / "schema.json"
    path.write_text(path.read_text().replace("Language of the target", "Language of the Target"))
    (finding,) = changed(root)
    assert (finding.path, finding.schema) == (path, "link@1.0.0")
    assert "Language of the Target" in path.read_text().splitlines()[finding.position.line - 1]
    assert "Language of the target (BCP 47)" in finding.message


def test_a_changed_example_is_named_with_its_line(root: Path) -> None:
    path = next((root / "link").rglob("valid/*.json"))
    path.write_text(path.read_text() + "\n")
    (finding,) = changed(root)
    assert finding.path == path
    assert finding.position.line == len(path.read_text().splitlines())


def test_another_layout_of_a_published_schema_is_a_change(root: Path) -> None:
    path = root / "link" / "1.0.0" / "schema.json"
    path.write_text(json.dumps(json.loads(path.read_text())))
    (finding,) = changed(root)
    assert finding.path == path


def test_line_ends_of_another_system_are_a_change(root: Path) -> None:
    path = root / "link" / "1.0.0" / "schema.json"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (finding,) = changed(root)
    assert (finding.path, finding.position.line) == (path, 1)
    assert "'{\\n'" in finding.message


def test_a_removed_and_an_added_file_are_named(root: Path) -> None:
    folder = root / "link" / "1.0.0" / "examples" / "valid"
    gone = next(folder.iterdir())
    gone.rename(folder / "another.json")
    assert {(each.path, each.message.split("; ")[0].rpartition(" ")[2]) for each in changed(root)} == {
        (gone, "removed"),
        (folder / "another.json", "added"),
    }


def test_a_removed_version_is_named(root: Path) -> None:
    shutil.rmtree(root / "link")
    (finding,) = changed(root)
    assert "link@1.0.0 is published and has been removed" in str(finding)


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"\x1f\x8b cut"])
def test_an_archive_that_was_changed_is_named(root: Path, content: bytes | None) -> None:
    path = root / "link" / "1.0.0" / ARCHIVE
    path.unlink() if content is None else path.write_bytes(content)
    (finding,) = changed(root)
    assert (finding.path, finding.schema) == (path, "link@1.0.0")


def test_a_schema_changed_with_its_archive_is_still_found(root: Path) -> None:
    folder = root / "link" / "1.0.0"
    path = folder / "schema.json"
    path.write_text(path.read_text().replace("Language", "language"))
    (folder / ARCHIVE).write_bytes(pack(files_of(folder)))
    assert [each.path for each in changed(root)] == [folder / ARCHIVE, path]


def test_a_line_taken_out_of_the_lock_is_missed(root: Path) -> None:
    lock = root / "registry.lock"
    lock.write_text("".join(line for line in lock.read_text().splitlines(keepends=True) if "metadata" not in line))
    (finding,) = changed(root)
    assert "metadata@1.0.0 has an archive but no line in registry.lock" in finding.message


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("1 link", "2 link", 3, "has number 2 where 1 follows"),
        ("2 metadata", "2 link", 4, "has link@1.0.0 a second time"),
        ("sha256:", "sha1:", 3, "isn't `number type@version"),
    ],
)
def test_a_damaged_lock_is_named_with_its_line(root: Path, before: str, after: str, line: int, reason: str) -> None:
    lock = root / "registry.lock"
    lock.write_text(lock.read_text().replace(before, after))
    with pytest.raises(LockDamaged, match=rf"registry\.lock:{line}: {reason}"):
        lint(store=SchemaStore(root))


def test_publishing_adds_lines_at_the_end_and_leaves_the_others(root: Path) -> None:
    before = (root / "registry.lock").read_text()
    shutil.copytree(PUBLISHED.root / "batch", root / "batch", ignore=shutil.ignore_patterns(ARCHIVE))
    store = SchemaStore(root)
    added = lock_in(store, list(store.schemas()))
    assert [(each.number, each.name) for each in added] == [(3, "batch@1.0.0")]
    assert (root / "registry.lock").read_text() == f"{before}{added[0]}\n"
    assert lock_in(SchemaStore(root), list(store.schemas())) == ()


def test_two_who_publish_at_once_get_numbers_of_their_own(root: Path) -> None:
    for name in ("batch", "resources"):
        shutil.copytree(PUBLISHED.root / name / "1.0.0", root / name / "1.0.0", ignore=shutil.ignore_patterns(ARCHIVE))

    def add(name: str) -> None:
        store = SchemaStore(root)
        lock_in(store, [store.resolve(name)])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, ("batch", "resources")))
    assert [(each.number, each.name) for each in entries(SchemaStore(root))[:2]] == [
        (1, "link@1.0.0"),
        (2, "metadata@1.0.0"),
    ]
    assert {each.name for each in entries(SchemaStore(root))[2:]} == {"batch@1.0.0", "resources@1.0.0"}


def test_an_archive_holds_every_byte_and_is_the_same_twice(root: Path) -> None:
    files = files_of(root / "link" / "1.0.0")
    assert "schema.json" in files
    assert unpack(pack(files)) == files
    assert pack(files) == pack(dict(reversed(files.items())))


def test_an_alias_means_the_newest_published_version(root: Path) -> None:
    newer = root / "link" / "1.1.0"
    shutil.copytree(root / "link" / "1.0.0", newer)
    assert str(SchemaStore(root).resolve("link@1")) == "link@1.0.0"
    assert str(SchemaStore(root).resolve("link@1.1.0")) == "link@1.1.0"
    lock_in(SchemaStore(root), [SchemaStore(root).resolve("link@1.1.0")])
    assert str(SchemaStore(root).resolve("link@1")) == "link@1.1.0"


def test_the_digests_in_our_lock_are_those_of_our_schemas() -> None:
    assert locked(PUBLISHED) == {each.name: digest(PUBLISHED.load(each.name)) for each in entries(PUBLISHED)}


def test_canonical_digests_ignore_the_order_of_keys_and_the_spelling_of_numbers() -> None:
    assert digest({"b": 1.0, "a": "é"}) == digest({"a": "é", "b": 1})
