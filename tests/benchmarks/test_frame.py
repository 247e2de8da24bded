"""The frame of the benchmarks: arithmetic, tables, files, exit codes. Nothing is timed."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.__main__ import KNOWN, main
from benchmarks.frame.alternating import alternate, quartiles, ratio_of
from benchmarks.frame.growth import exponent
from benchmarks.frame.plan import Plan
from benchmarks.frame.plotting import write_plot
from benchmarks.frame.results import write_json
from benchmarks.frame.rows import Figure, Growth, LeftOut, Ratio, Row, Sheet

ROOT = Path(__file__).parents[2]
ABOVE = Ratio("slow", ours=30.0, theirs=20.0, low=1.4, high=1.6, bar=1.25)
ROWS: list[Row] = [
    ABOVE,
    Ratio("quick", ours=10.0, theirs=20.0, low=0.4, high=0.6, bar=1.0),
    Figure("ready", 0.8, "s", bar=1.5),
    Growth("images", [1, 10, 100], [2.0, 20.0, 200.0], "ms", of="pixels"),
    Sheet("servers", ("server", "rps"), [("ours", 120.5), ("theirs", None)]),
    LeftOut("gpu", "no GPU that onnxruntime can use"),
]


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """Runs a benchmark that finds the given rows; gives back the exit code."""

    def run(*rows: Row, arguments=("made",)) -> int:
        module = ModuleType("benchmarks.made")
        module.run = lambda plan: iter(rows)
        monkeypatch.setitem(sys.modules, "benchmarks.made", module)
        return main([*arguments, "--out", str(tmp_path)], known=("made",))

    return run


@pytest.mark.parametrize("power", [0, 0.5, 1, 2])
def test_exponent_is_that_of_the_power_law_behind_the_costs(power):
    sizes = [1, 3, 10, 200]
    assert exponent(sizes, [7 * size**power for size in sizes]) == pytest.approx(power, abs=1e-12)


def test_exponent_of_a_single_size_is_refused():
    with pytest.raises(ValueError, match="two sizes"):
        exponent([5, 5], [1.0, 2.0])


def test_who_is_measured_first_changes_every_round():
    order: list[str] = []
    alternate(lambda: order.append("A") or 1.0, lambda: order.append("B") or 2.0, rounds=4)
    assert "".join(order) == "BAABBAAB"


def test_pairs_hold_ours_first_whoever_was_measured_first():
    assert alternate(lambda: 1.0, lambda: 2.0, rounds=3) == [(1.0, 2.0)] * 3


def test_ratio_is_that_of_medians_and_its_quartiles_are_those_of_the_pairs():
    row = ratio_of("work", [(1, 10), (2, 10), (3, 10), (4, 10), (100, 10)], bar=1)
    assert (row.ours, row.theirs, row.ratio) == (3, 10, 0.3)
    assert (row.low, row.high) == pytest.approx((0.2, 0.4))


def test_quartiles_of_one_value_are_that_value():
    assert quartiles([3.0]) == (3.0, 3.0)


@pytest.mark.parametrize(
    ("row", "is_above"),
    [
        (ABOVE, True),
        (Ratio("at the bar", 5, 4, 1, 1, bar=1.25), False),
        (Ratio("no bar", 9, 1, 9, 9), False),
        (Figure("over", 51, "ms", bar=50), True),
        (Growth("quadratic", [1, 2], [1, 4], "ms", bar=1.1), True),
        (Growth("linear", [1, 2], [1, 2], "ms", bar=1.1), False),
        (LeftOut("gpu", "none"), False),
    ],
)
def test_only_what_is_over_its_bar_is_above(row, is_above):
    assert row.is_above is is_above


def test_table_names_bar_and_verdict():
    assert str(ABOVE).endswith("1.50 [1.40–1.60]   ABOVE 1.25")


def test_sheet_shows_what_was_not_measured_as_a_dash():
    assert str(ROWS[4]).split()[-2:] == ["theirs", "–"]


def test_json_keeps_every_row_and_the_machine(tmp_path):
    document = json.loads(write_json(tmp_path, "all", ROWS, is_quick=True).read_text())
    assert [row["kind"] for row in document["rows"]] == ["ratio", "ratio", "figure", "growth", "sheet", "leftOut"]
    assert document["rows"][0]["ratio"] == 1.5
    assert document["rows"][3]["exponent"] == pytest.approx(1)
    assert document["isQuick"] is True
    assert document["machine"]["cores"] >= 1


def test_plot_shows_each_ratio_by_name(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is in the environment of the benchmarks alone")
    path = write_plot(tmp_path, "all", ROWS)
    assert path is not None
    text = path.read_text()
    assert "<svg" in text
    assert all(f"<!-- {name} -->" in text for name in ("slow", "quick"))


def test_nothing_to_draw_is_no_plot(tmp_path):
    assert write_plot(tmp_path, "none", [LeftOut("gpu", "none")]) is None


def test_exit_code_is_1_where_a_row_is_above_its_bar(bench, capsys):
    assert bench(*ROWS) == 1
    assert "above a bar: made" in capsys.readouterr().out


def test_what_is_left_out_is_said_by_name_and_fails_nothing(bench, capsys):
    assert bench(ROWS[5]) == 0
    assert "left out: no GPU that onnxruntime can use" in capsys.readouterr().out


def test_what_was_found_before_a_failure_is_kept(monkeypatch, tmp_path):
    def run(plan: Plan):
        yield ABOVE
        raise ConnectionError("the server went away")

    module = ModuleType("benchmarks.made")
    module.run = run
    monkeypatch.setitem(sys.modules, "benchmarks.made", module)
    with pytest.raises(ConnectionError):
        main(["made", "--out", str(tmp_path)], known=("made",))
    assert [row["name"] for row in json.loads((tmp_path / "made.json").read_text())["rows"]] == ["slow"]


def test_unknown_benchmark_is_named_with_those_that_are_known(bench, capsys):
    assert bench(arguments=("nonsense",)) == 2
    assert capsys.readouterr().err == "unknown: nonsense; known: made\n"


@pytest.mark.parametrize(("part", "is_wanted"), [("tiny/flask", True), ("png/litserve", True), ("png/flask", False)])
def test_parts_are_chosen_by_pattern(part, is_wanted):
    assert Plan(only=("tiny/*", "*/litserve")).wants(part) is is_wanted


def test_every_part_is_run_where_none_is_named():
    assert Plan().wants("png/flask")


def test_a_glance_is_shorter():
    assert Plan(is_quick=True).rounds(9) < Plan().rounds(9) == 9


@pytest.mark.parametrize("name", KNOWN)
def test_every_benchmark_that_is_known_is_there(name):
    folder = ROOT / "benchmarks"
    assert (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()
