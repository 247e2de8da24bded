"""Memory of a session: a limit that holds, and what is given back after a call.

onnxruntime takes memory by arenas that never shrink by themselves: after one large call a process keeps all that the
call needed (docs/decisions/0023-onnx-sessions.md has figures).
"""

import re
from typing import Any

from swath_runtime.errors import ProfileUnusable

KEPT_INPUT_BYTES = 4 << 20
"""Calls up to this much input (512 × 512 px of four float32 bands) keep the arena as it is, for the next one."""
BY_POWERS_OF_TWO = 0  # up to the limit; by what is asked for, the arena comes in many pieces and is full sooner
BY_DEFAULT = -1
# What onnxruntime's arena says when it is at its limit, and its allocators when the machine or the card has no more.
NO_MEMORY = re.compile(r"Available memory of \d+ is smaller than requested|Failed to allocate memory|bad_alloc")


def limit_cpu(ort: Any, options: Any, limit_bytes: int, profile: str) -> None:
    """Give the next session with these options an arena on the CPU of at most so many bytes.

    Raises:
        ProfileUnusable: an older onnxruntime, which has one arena with one limit for the whole process.
    """
    kind = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    arena = {
        "max_mem": limit_bytes,
        "arena_extend_strategy": BY_POWERS_OF_TWO,
        "initial_chunk_size_bytes": BY_DEFAULT,
        "max_dead_bytes_per_chunk": BY_DEFAULT,
    }
    try:
        ort.create_and_register_allocator(kind, ort.OrtArenaCfg(arena))
    except RuntimeError as error:
        hint = "use onnxruntime 1.32, or leave SWATH_ONNX_MEMORY_BYTES out"
        raise ProfileUnusable(profile, f"this onnxruntime takes no second memory limit ({error})", hint) from None
    options.add_session_config_entry("session.use_env_allocators", "1")


def giving_back(ort: Any) -> Any:
    """Options of a run on the CPU after which the arena gives the memory that nobody uses back to the system."""
    options = ort.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def is_out_of_memory(error: Exception) -> bool:
    """Whether onnxruntime failed for want of memory: it has no exception of its own for that."""
    return isinstance(error, MemoryError) or bool(NO_MEMORY.search(str(error)))
