"""Publishing: all or nothing, and the lock last."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from registry.publishing import begin, every_byte, write

from swath_registry import publishing
from swath_registry.attestations import FILE, recorded
from swath_registry.candidates import NoCandidate
from swath_registry.cli import registry
from swath_registry.compatibility import Limits
from swath_registry.drafting import AlreadyThere, draft
from swath_registry.frozen import ARCHIVE, unpack
from swath_registry.generation import Targets
from swath_registry.lint import lint
from swath_registry.lock import entries
from swath_registry.publishing import Publication, Refused, examine, publish, targets_of
from swath_registry.vouching import NothingToVouchFor, vouch
from swath_schemas import LockDamaged, SchemaError, SchemaStore, UnknownSchema

Spoil = Callable[[Path], object]
QUICK = Limits(search_s=0.1)


def publish_all(root: Path, *names: str, dry_run: bool = False) -> Publication:
    store = SchemaStore(root)
    return publish(examine(names, store, limits=QUICK), store, targets_of(store), dry_run=dry_run)


def widen(schema: dict[str, Any]) -> None:
    schema["properties"]["size"]["maximum"] = 10


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """`thing@1.0.0` is published, `thing@1.1.0` could be."""
    begin(tmp_path / "schemas", "1.0.0")
    write(tmp_path / "schemas", "1.1.0", widen)
    return tmp_path / "schemas"


def test_publishing_freezes_the_version_and_adds_a_line(root: Path) -> None:
    before = (root / "registry.lock").read_text()
    done = publish_all(root, "thing")
    assert [(each.number, each.name) for each in done.entries] == [(2, "thing@1.1.0")]
    assert (root / "registry.lock").read_text() == f"{before}{done.entries[0]}\n"
    assert sorted(unpack((root / "thing" / "1.1.0" / ARCHIVE).read_bytes())) == [
        "examples/invalid/name_missing.json",
        "examples/valid/least.json",
        "schema.json",
    ]
    assert lint(store=SchemaStore(root)) == []
    assert str(SchemaStore(root).resolve("thing@1")) == "thing@1.1.0"


def test_models_beside_the_registry_are_generated(root: Path) -> None:
    pytest.importorskip("datamodel_code_generator", reason="the code generator (extra `generate`) is not installed")
    (root.parent / "swath_types").mkdir()
    done = publish_all(root, "thing")
    assert "v1_1_0.py" in {path.name for path in done.generated}
    assert (root.parent / "swath_types" / "thing" / "v1_1_0.py").is_file()


def test_a_dry_run_writes_nothing(root: Path) -> None:
    before = every_byte(root.parent)
    assert publish_all(root, "thing", dry_run=True).entries == ()
    assert every_byte(root.parent) == before


def test_several_are_published_together_those_first_that_others_refer_to(root: Path) -> None:
    reference = {"$ref": "https://things.example/thing/1.1.0", "description": "Another."}
    write(root, "1.0.0", lambda schema: schema["properties"].update({"other": reference}), type_="pair")
    assert [each.name for each in publish_all(root, "pair", "thing").entries] == ["thing@1.1.0", "pair@1.0.0"]


def narrow(root: Path) -> None:
    write(root, "1.1.0", lambda schema: schema["properties"]["size"].update({"maximum": 8}))


def misnumber(root: Path) -> None:
    (root / "thing" / "1.1.0").rename(root / "thing" / "1.0.1")
    write(root, "1.0.1", widen)


def rename(root: Path) -> None:
    (root / "thing" / "1.1.0").rename(root / "thing" / "1.4.0")
    write(root, "1.4.0", widen)


def misspell(root: Path) -> None:
    write(root, "1.1.0", lambda schema: schema["properties"]["size"].update({"minimumExclusive": 0}))


def break_example(root: Path) -> None:
    (root / "thing" / "1.1.0" / "examples" / "valid" / "least.json").write_text('{"name": ""}')


def cut(root: Path) -> None:
    (root / "thing" / "1.1.0" / "schema.json").write_text("{")


def misidentify(root: Path) -> None:
    write(root, "1.1.0", lambda schema: schema.update({"$id": "https://things.example/thing/1.0.0"}))


def change_published(root: Path) -> None:
    write(root, "1.0.0", lambda schema: schema.update({"title": "Another"}))


def remove_published(root: Path) -> None:
    write(root, "1.0.0", type_="other")
    publish_all(root, "other")
    (root / "other").rename(root.parent / "gone")


def refer_to_a_candidate(root: Path) -> None:
    write(root, "1.0.0", type_="other")
    reference = {"$ref": "https://things.example/other/1.0.0", "description": "Another."}
    write(root, "1.1.0", lambda schema: schema["properties"].update({"other": reference}))


def leave_undecided(root: Path) -> None:
    write(root, "1.1.0", lambda schema: schema["properties"]["size"].update({"maximum": 1e17}))


WAYS: list[Spoil] = [
    *(narrow, misnumber, rename, misspell, break_example, cut, misidentify),
    *(change_published, remove_published, refer_to_a_candidate, leave_undecided),
]


@pytest.mark.parametrize("spoil", WAYS, ids=lambda spoil: spoil.__name__)
def test_refused_publishing_changes_nothing(root: Path, spoil: Spoil) -> None:
    spoil(root)
    before = every_byte(root.parent)
    with pytest.raises(Refused) as refused:
        publish_all(root, "thing")
    assert refused.value.examination.reasons
    assert every_byte(root.parent) == before


def damage_lock(root: Path) -> None:
    with (root / "registry.lock").open("a") as lock:
        lock.write("3 thing@1.2.0 sha256: sha256:\n")


def remove_settings(root: Path) -> None:
    (root / "registry.json").unlink()


def empty_settings(root: Path) -> None:
    (root / "registry.json").write_text("{}")


@pytest.mark.parametrize("spoil", [damage_lock, remove_settings, empty_settings], ids=lambda spoil: spoil.__name__)
def test_a_damaged_registry_is_an_error_that_changes_nothing(root: Path, spoil: Spoil) -> None:
    spoil(root)
    before = every_byte(root.parent)
    with pytest.raises((LockDamaged, SchemaError)):
        publish_all(root, "thing")
    assert every_byte(root.parent) == before


def test_a_failing_generator_changes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from swath_registry.errors import GeneratorMissing

    def fails(store: SchemaStore, targets: Targets) -> dict[Path, str]:
        raise GeneratorMissing("the generator")

    monkeypatch.setattr(publishing, "generated_files", fails)
    (root.parent / "swath_types").mkdir()
    before = every_byte(root.parent)
    with pytest.raises(GeneratorMissing):
        publish_all(root, "thing")
    assert every_byte(root.parent) == before


@pytest.mark.parametrize(
    ("name", "error"), [("thng", UnknownSchema), ("thing@9.0.0", UnknownSchema), ("thing@1.0.0", NoCandidate)]
)
def test_what_is_no_candidate_is_named(root: Path, name: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=name):
        publish_all(root, name)


KILLED = """
import os, signal, sys
from pathlib import Path
from swath_registry import lock, publishing
from swath_schemas import SchemaStore

last, written, replace = int(sys.argv[2]), [0], Path.replace
def dying(self, target):
    written[0] += 1
    if written[0] == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
Path.replace = dying
publishing.generated_files = lambda store, targets: {targets.types / name: "# Generated" for name in ("a.py", "b.py")}
store = SchemaStore(Path(sys.argv[1]))
publishing.publish(publishing.examine(["thing"], store), store, publishing.targets_of(store))
"""


@pytest.mark.parametrize("write_number", [1, 2, 3, 4])
def test_a_kill_at_any_write_leaves_a_candidate_that_can_be_published(root: Path, write_number: int) -> None:
    (root.parent / "swath_types").mkdir()
    lock = (root / "registry.lock").read_bytes()
    command = [sys.executable, "-c", KILLED, str(root), str(write_number)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (root / "registry.lock").read_bytes() == lock
    assert {each.rule for each in lint(store=SchemaStore(root))} <= {"unfinished"}
    (root.parent / "swath_types").rename(root.parent / "models")
    assert [each.name for each in publish_all(root, "thing").entries] == ["thing@1.1.0"]
    assert lint(store=SchemaStore(root)) == []


def vouched(root: Path, direction: Any = "backward", reason: str = "the bound is the same") -> Path:
    store = SchemaStore(root)
    on = date(2026, 1, 2)
    return vouch("thing", "thing@1.0.0", direction, by="A. Maintainer", reason=reason, on=on, store=store, limits=QUICK)


@pytest.fixture
def undecided(tmp_path: Path) -> Path:
    """A registry whose candidate the engine can't judge: its bounds are beyond what is compared exactly."""
    root = tmp_path / "schemas"
    begin(root)
    write(root, "1.0.0", lambda schema: schema["properties"]["size"].update({"maximum": 1e17}))
    publish_all(root, "thing")
    write(root, "1.1.0", lambda schema: schema["properties"]["size"].update({"maximum": 1e17, "title": "Size"}))
    return root


def test_undecided_blocks_until_it_is_vouched_for(undecided: Path) -> None:
    with pytest.raises(Refused):
        publish_all(undecided, "thing")
    path = vouched(undecided)
    assert publish_all(undecided, "thing").entries
    (told,) = json.loads(path.read_text())
    assert (told["by"], told["reason"], told["date"]) == ("A. Maintainer", "the bound is the same", "2026-01-02")
    assert FILE in unpack((undecided / "thing" / "1.1.0" / ARCHIVE).read_bytes())


def test_an_attestation_covers_no_other_change(undecided: Path) -> None:
    vouched(undecided)
    path = undecided / "thing" / "1.1.0" / "schema.json"
    path.write_text(path.read_text().replace("A thing.", "Any thing."))
    with pytest.raises(Refused):
        publish_all(undecided, "thing")


def test_an_attestation_covers_no_other_direction(undecided: Path) -> None:
    (undecided / "thing" / "1.1.0").rename(undecided / "thing" / "1.0.1")
    write(undecided, "1.0.1", lambda schema: schema["properties"]["size"].update({"maximum": 1e17, "title": "Size"}))
    vouched(undecided)
    with pytest.raises(Refused):
        publish_all(undecided, "thing")
    vouched(undecided, "forward")
    assert publish_all(undecided, "thing").entries


def test_an_attestation_of_an_earlier_state_is_replaced(undecided: Path) -> None:
    vouched(undecided)
    vouched(undecided, reason="looked at again")
    store = SchemaStore(undecided)
    assert [each.reason for each in recorded(store.resolve("thing@1.1.0"), store)] == ["looked at again"]


def test_what_is_proven_or_broken_can_not_be_vouched_for(root: Path) -> None:
    with pytest.raises(NothingToVouchFor, match="backward is proven"):
        vouched(root)
    with pytest.raises(NothingToVouchFor, match="forward is broken"):
        vouched(root, "forward")
    assert not (root / "thing" / "1.1.0" / FILE).exists()


def test_an_attestation_needs_a_reason(undecided: Path) -> None:
    with pytest.raises(NothingToVouchFor, match="a name and a reason"):
        vouched(undecided, reason=" ")


def test_a_draft_is_the_newest_published_version_under_the_number_that_follows(root: Path) -> None:
    publish_all(root, "thing")
    made = draft("thing", "patch", SchemaStore(root))
    folder = root / "thing" / "1.1.1"
    assert str(made) == "thing@1.1.1"
    assert json.loads((folder / "schema.json").read_text())["$id"] == made.uri
    assert not (folder / ARCHIVE).exists()
    assert lint(store=SchemaStore(root)) == []
    with pytest.raises(AlreadyThere, match=r"thing@1\.1\.1"):
        draft("thing", "patch", SchemaStore(root))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(registry, list(arguments))


def test_the_command_as_json(root: Path) -> None:
    told = json.loads(run("publish", "thing", "--json", "--root", str(root)).stdout)
    assert told["refused"] is False
    assert told["numbers"] == {"thing@1.1.0": 2}
    assert [each.name for each in entries(SchemaStore(root))] == ["thing@1.0.0", "thing@1.1.0"]


def test_a_refusal_as_json(root: Path) -> None:
    narrow(root)
    done = run("publish", "thing", "--json", "--root", str(root))
    assert json.loads(done.stdout)["refused"] is True
    assert isinstance(done.exception, Refused)
    assert "nothing was changed" in str(done.exception)
