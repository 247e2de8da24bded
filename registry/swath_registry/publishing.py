"""Publishing: everything that a version must pass, then models, archive and lock, in this order.

Whatever may be refused is refused before the first file is written. Each file is replaced in one step and the lock
is the last, so that an interruption leaves the version a candidate: publishing it again makes it whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_registry.candidates import candidates, unpublished_references
from swath_registry.compatibility import Limits
from swath_registry.compatibility.verdicts import DEFAULTS
from swath_registry.documents import read_document
from swath_registry.errors import RegistryError
from swath_registry.generation import Targets, differences, generated_files, installed_targets
from swath_registry.lint import Finding, lint_version, published_findings
from swath_registry.lock import lock_in, write_whole
from swath_registry.reviewing import Review, review_all
from swath_schemas import PUBLISHED, SchemaId, SchemaStore
from swath_schemas.lock import Entry


@dataclass(frozen=True)
class Examination:
    """What was found of candidates before publishing them.

    Args:
        schemas: the candidates, those first that others refer to.
        findings: what lint says of them, and of what is published.
        reviews: how they compare with what is published; empty where lint found something.
    """

    schemas: tuple[SchemaId, ...]
    findings: tuple[Finding, ...]
    reviews: tuple[Review, ...]

    @property
    def reasons(self) -> int:
        """How many things stand in the way."""
        return sum(each.blocks for each in self.findings) + sum(
            each.blocks for review in self.reviews for each in review.objections
        )

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.findings, *self.reviews)))

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "schemas": [str(each) for each in self.schemas],
            "refused": bool(self.reasons),
            "findings": [each.as_json() for each in self.findings],
            "reviews": [each.as_json() for each in self.reviews],
        }


@dataclass(frozen=True)
class Publication:
    """What publishing wrote, or would write.

    Args:
        entries: the lines that the lock got; none of a dry run.
        generated: generated files that were written or removed.
    """

    entries: tuple[Entry, ...]
    generated: tuple[Path, ...]


class Refused(RegistryError):
    """Candidates that may not be published as they are; nothing was written.

    Args:
        examination: what speaks against it.
    """

    hint = "What a rule means and how to mend it: swath registry explain RULE"

    def __init__(self, examination: Examination) -> None:
        self.examination = examination
        names = ", ".join(map(str, examination.schemas))
        super().__init__(f"{names}: not published, {examination.reasons} reason(s) against it; nothing was changed")


def examine(names: Sequence[str], store: SchemaStore, *, limits: Limits = DEFAULTS) -> Examination:
    """What speaks against publishing candidates: lint and examples first, and where these pass, compatibility.

    Args:
        names: types or type@version; none means every candidate.
        store: the registry, opened since the last change.
        limits: of each comparison.

    Raises:
        NoCandidate: nothing of these is to be published.
        swath_schemas.UnknownSchema: there is no such type or version.
        swath_schemas.LockDamaged: the lock can't be read.
    """
    schemas = candidates(names, store)
    findings = [finding for schema in schemas for finding in lint_version(schema, store) if not _resumed(finding)]
    findings += published_findings(store)
    if not any(each.blocks for each in findings):
        findings += [finding for schema in schemas for finding in _referring(schema, schemas, store)]
    is_sound = not any(each.blocks for each in findings)
    reviews = tuple(review_all(schemas, store, limits=limits)) if is_sound else ()
    return Examination(schemas, tuple(findings), reviews)


def publish(
    examination: Examination, store: SchemaStore, targets: Targets | None, *, dry_run: bool = False
) -> Publication:
    """Write models and bindings, freeze the versions, add them to the lock.

    Args:
        examination: of the versions; made with the same store.
        store: the registry. Open it anew afterwards.
        targets: where generated files belong; None: there are none.
        dry_run: write nothing, but do everything else.

    Raises:
        Refused: something stands against it.
        GeneratorMissing: the code generator isn't installed, and there are targets.
        GenerationFailed: it refused a schema.
    """
    if examination.reasons:
        raise Refused(examination)
    files = generated_files(store, targets) if targets else {}
    touched = differences(files, targets) if targets else []
    if dry_run:
        return Publication((), tuple(touched))
    for path in touched:
        if path in files:
            write_whole(path, files[path].encode())
        else:
            path.unlink()
    return Publication(lock_in(store, examination.schemas), tuple(touched))


def targets_of(store: SchemaStore) -> Targets | None:
    """Where the files generated from a registry belong.

    Those of the installed registry: into the installed packages; of another: into `swath_types` beside its folder, if
    there is such a folder.
    """
    if store.root.resolve() == PUBLISHED.root.resolve():
        return installed_targets()
    types = store.root.parent / "swath_types"
    return Targets(types, None) if types.is_dir() else None


def _resumed(finding: Finding) -> bool:
    """Whether it only says that publishing was interrupted, which publishing again mends."""
    return finding.rule == "unfinished"


def _referring(schema: SchemaId, together: Sequence[SchemaId], store: SchemaStore) -> Iterator[Finding]:
    document = read_document(store.path(schema))
    for pointer, found in unpublished_references(schema, store):
        if found not in together:
            said = f"{found} isn't published; publish it first, or with this: swath registry publish {found} {schema}"
            yield Finding("reference", str(schema), document.path, document.position(pointer), said, pointer)
