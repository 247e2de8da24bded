"""`swath registry compat`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from swath_registry.compatibility import Comparison


@click.command(
    epilog="""\b
Examples:
  swath registry compat image@1.0.0 image@1.0.0
  swath registry compat old.schema.json new.schema.json --json
  swath registry compat image@1.0.0 candidate.json --direction full
  swath registry compat --pairs pairs.jsonl > answers.jsonl

\b
Backward: all that OLD accepts, NEW accepts. Each direction is proven, broken (with a document that shows it) or
undecided. PAIRS holds one {"old": …, "new": …} a line; each is answered by one line, a wrong one by {"error": …}.

\b
Exit code: 0 the direction is proven (PAIRS: every line was answered), 1 it is broken or undecided (PAIRS: a line is
wrong), 2 usage.
"""
)
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--pairs", type=click.File(encoding="utf-8"), help="A file of pairs, one JSON object a line; - is stdin.")
@click.option(
    "--direction",
    type=click.Choice(["backward", "forward", "full"]),
    default="backward",
    show_default=True,
    help="What the exit code is about.",
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Pairs compared at once.  [default: one a core]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines to read.")
@click.pass_context
def compat(
    context: click.Context,
    old: str | None,
    new: str | None,
    pairs: TextIO | None,
    direction: Any,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Say whether schema NEW accepts all that OLD accepts, and the reverse.

    OLD and NEW are types (image@1.0.0) or schema files, JSON or YAML.
    """
    if pairs is not None:
        if old is not None:
            raise click.UsageError("--pairs takes the place of OLD and NEW.")
        context.exit(_answer_lines(pairs, jobs))
    if old is None or new is None:
        raise click.UsageError("Name OLD and NEW, or --pairs FILE.")
    found = _compared(old, new)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(_sentences(found))
    context.exit(0 if found.verdict(direction) == "proven" else 1)


def _answer_lines(pairs: TextIO, jobs: int | None) -> int:
    from swath_registry.compatibility.pairs import answers

    wrong = count = 0
    for answer in answers(pairs, workers=jobs):
        count += 1
        click.echo(json.dumps(answer))
        wrong += "error" in answer
    click.echo(f"{count} pair(s) answered, {wrong} of them wrong", err=True)
    return 1 if wrong else 0


def _compared(old: str, new: str) -> "Comparison":
    from swath_registry.compatibility import compare

    one, other = _schema(old), _schema(new)
    return compare(one[0], other[0], examples=[*one[1], *other[1]])


def _schema(name: str) -> tuple[Any, list[Any]]:
    """A schema file, or a type with its examples."""
    from swath_registry.documents import read_document
    from swath_registry.examples import examples
    from swath_schemas import PUBLISHED

    path = Path(name)
    if path.is_file() or path.suffix.lower() in {".json", ".yml", ".yaml"}:
        return read_document(path).value, []
    valid, _ = examples(PUBLISHED, PUBLISHED.resolve(name))
    return name, [example.document for example in valid]


def _sentences(found: "Comparison") -> str:
    lines = [f"backward {found.backward.status}: {found.backward.reason}"]
    lines += [f"forward  {found.forward.status}: {found.forward.reason}"]
    lines += [f"asks for a {found.bump} version"] if found.bump else []
    for each in found.findings:
        place = f" at {each.pointer or 'the root'}" if each.keyword else ""
        lines.append(f"{each.direction or 'both'} [{each.rule}]{place}: {each.message}")
        lines += [f"    {json.dumps(each.witness.document, ensure_ascii=False)}"] if each.witness else []
    return "\n".join(lines)
