"""What the worker processes take of the machine."""

import logging
import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from swath_runtime.metrics.families import CPU, GPU_MEMORY, MEMORY, Family
from swath_runtime.metrics.layout import Labels

QUERY = ["--query-gpu=index,memory.used,memory.total", "--format=csv,noheader,nounits"]
QUERY_S = 5.0  # what asking may take, and how long an answer counts: NVML is slow to open
MIB = 1 << 20

logger = logging.getLogger(__name__)


def processes(numbers: Iterable[int]) -> Iterator[tuple[Family, dict[Labels, float]]]:
    """Memory and processor time of these processes together; nothing where the system has no /proc."""
    found = [facts for number in numbers if (facts := _process(number))]
    if found:
        yield CPU, {(): sum(cpu for cpu, _ in found)}
        yield MEMORY, {(): float(sum(memory for _, memory in found))}


def _process(number: int) -> tuple[float, int] | None:
    """Seconds of processor time, and resident bytes; None where it has gone."""
    try:
        facts = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    ticks = int(facts[11]) + int(facts[12])  # utime and stime, fields 14 and 15 of proc(5)
    return ticks / os.sysconf("SC_CLK_TCK"), int(facts[21]) * os.sysconf("SC_PAGE_SIZE")


class Gpus:
    """Memory of the machine's GPUs as nvidia-smi tells it, which comes with NVIDIA's driver; nothing without it."""

    def __init__(self) -> None:
        self._tool = shutil.which("nvidia-smi")
        self._asked_s = -QUERY_S
        self._found: dict[Labels, float] = {}

    def read(self) -> Iterator[tuple[Family, dict[Labels, float]]]:
        """The family, where there is a GPU; not asked anew more often than every few seconds."""
        if self._tool and time.monotonic() - self._asked_s >= QUERY_S:
            self._asked_s, self._found = time.monotonic(), dict(_memories(self._tool))
        if self._found:
            yield GPU_MEMORY, self._found


def _memories(tool: str) -> Iterator[tuple[Labels, float]]:
    try:
        text = subprocess.run([tool, *QUERY], capture_output=True, text=True, timeout=QUERY_S, check=True).stdout
        for line in text.splitlines():
            index, used, total = (one.strip() for one in line.split(","))
            yield (index, "used"), float(used) * MIB
            yield (index, "total"), float(total) * MIB
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        logger.debug("nvidia-smi tells nothing of memory: %s", type(error).__name__)
