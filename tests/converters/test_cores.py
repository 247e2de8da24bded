"""Cores that a process may use: by its affinity and the quotas of its control groups."""

import os
from pathlib import Path

import pytest

from swath_converters.cores import usable_cores

MACHINE = 8


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(MACHINE)), raising=False)


def lay(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def quota_of_1(group: str, quota: str, period: str) -> dict[str, str]:
    return {f"{group}/cpu.cfs_quota_us": quota, f"{group}/cpu.cfs_period_us": period}


V2 = "0::/pods/mine\n"
V1 = "3:cpuset:/pods/mine\n2:cpu,cpuacct:/pods/mine\n"
GROUP = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("group", "files", "cores"),
    [
        (V2, {f"{GROUP}/pods/mine/cpu.max": "200000 100000\n"}, 2),
        (V2, {f"{GROUP}/pods/mine/cpu.max": "max 100000\n"}, MACHINE),
        (V2, {f"{GROUP}/pods/mine/cpu.max": "max 100000\n", f"{GROUP}/pods/cpu.max": "300000 100000\n"}, 3),
        (V2, {f"{GROUP}/pods/mine/cpu.max": "400000 100000\n", f"{GROUP}/pods/cpu.max": "300000 100000\n"}, 3),
        (V2, {f"{GROUP}/cpu.max": "400000 100000\n"}, 4),  # a container, which sees its own group as the root
        ("0::/../other\n", {f"{GROUP}/cpu.max": "400000 100000\n"}, 4),
        (V2, {f"{GROUP}/pods/mine/cpu.max": "150000 100000\n"}, 2),
        (V2, {f"{GROUP}/pods/mine/cpu.max": "10000 100000\n"}, 1),
        (V2, {f"{GROUP}/pods/mine/cpu.max": "6400000 100000\n"}, MACHINE),
        (V1, quota_of_1(f"{GROUP}/cpu/pods/mine", "250000", "50000"), 5),
        (V1, quota_of_1(f"{GROUP}/cpu/pods/mine", "-1", "100000"), MACHINE),
        (V1, quota_of_1(f"{GROUP}/cpu", "100000", "100000"), 1),
        ("", {}, MACHINE),
    ],
)  # fmt: skip
def test_a_process_may_use_what_the_tightest_quota_allows(
    tmp_path: Path, group: str, files: dict[str, str], cores: int
) -> None:
    assert usable_cores(lay(tmp_path, {"proc/self/cgroup": group, **files})) == cores


def test_where_there_are_no_control_groups_affinity_decides(tmp_path: Path) -> None:
    assert usable_cores(tmp_path) == MACHINE


def test_the_affinity_that_is_set_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {5}, raising=False)
    assert usable_cores(lay(tmp_path, {"proc/self/cgroup": V2, f"{GROUP}/cpu.max": "400000 100000"})) == 1
