"""The Dockerfile: puts things in place, and nothing else."""

from dataclasses import replace

from swath_packager.dockerfile import dockerfile
from swath_packager.plan import Plan

COPIES = [("layers/dependencies", "/opt/swath/dependencies"), ("layers/algorithm", "/opt/swath/algorithm")]


def test_nothing_is_run_and_no_frontend_is_fetched(plan: Plan) -> None:
    text = dockerfile(plan, "base:1", COPIES)
    allowed = {"FROM", "COPY", "ENV", "LABEL", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert {line.split()[0] for line in text.splitlines()} == allowed
    assert "syntax" not in text


def test_it_starts_from_the_base_and_copies_bottom_up(plan: Plan) -> None:
    lines = dockerfile(plan, "base:1", COPIES).splitlines()
    assert lines[:3] == [
        "FROM base:1",
        "COPY layers/dependencies/ /opt/swath/dependencies/",
        "COPY layers/algorithm/ /opt/swath/algorithm/",
    ]


def test_commands_are_in_exec_form(plan: Plan) -> None:
    text = dockerfile(plan, "base:1", COPIES)
    assert 'CMD ["python3", "-m", "swath_runtime"]\n' in text
    assert 'CMD ["python3", "-m", "swath_runtime", "--health"]\n' in text


def test_values_keep_their_quotes_dollars_and_backslashes(plan: Plan) -> None:
    odd = replace(plan, labels={"odd": 'a "b" $HOME \\n c'}, env={})
    assert 'LABEL odd="a \\"b\\" \\$HOME \\\\n c"' in dockerfile(odd, "base:1", [])


def test_every_instruction_is_one_line(plan: Plan) -> None:
    odd = replace(plan, labels={"odd": "one\ntwo"}, env={})
    assert 'LABEL odd="one two"' in dockerfile(odd, "base:1", [])
