"""Sessions of onnxruntime: which providers, how many threads, how much memory."""

import importlib
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swath_converters.cores import usable_cores
from swath_runtime.errors import LoadFailed, ModelMemoryExceeded, ProfileUnusable
from swath_runtime.onnx.expected import Expected
from swath_runtime.onnx.memory import giving_back, is_out_of_memory, limit_cpu
from swath_runtime.settings import Settings

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
PROFILES: Mapping[str, tuple[str, ...]] = {"cpu": (CPU,), "gpu": (CUDA,)}


@dataclass(frozen=True)
class Provider:
    """What must be known of an execution provider to use more than its defaults.

    Attributes:
        device: what IO binding calls the memory that it computes in; "": onnxruntime copies as it sees fit.
        limit: its options for a limit of memory, `{}` for the bytes; none: it knows no such limit.
    """

    device: str = ""
    limit: Mapping[str, str] = field(default_factory=dict[str, str])


PROVIDERS: Mapping[str, Provider] = {
    CUDA: Provider("cuda", {"gpu_mem_limit": "{}", "arena_extend_strategy": "kSameAsRequested"}),
    "TensorrtExecutionProvider": Provider("cuda"),
}
"""Any other works by its defaults: name it in SWATH_ONNX_PROVIDERS."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """A session and how it is run.

    Attributes:
        session: an `onnxruntime.InferenceSession`.
        device: what IO binding calls the memory of its first provider; "": no binding.
        threads: that one run computes with on the CPU, the caller's included.
        limit_bytes: most memory that its runs may take; 0: no limit.
        giving_back: `onnxruntime.RunOptions` after which its arena gives memory back; None: it has none of its own.
    """

    session: Any
    device: str
    threads: int
    limit_bytes: int
    giving_back: Any


def open_session(path: Path, settings: Settings, expected: Expected) -> Opened:
    """The session of a model under the settings' profile; raises as `open_model` does."""
    profile, limit_bytes = settings.profile, settings.onnx_memory_bytes
    wanted = list(settings.onnx_providers or PROFILES.get(profile, ()))
    if not wanted:
        hint = f"known: {', '.join(PROFILES)}; or name the providers: SWATH_ONNX_PROVIDERS"
        raise ProfileUnusable(profile, "there is no such profile", hint)
    ort = _onnxruntime(profile)
    if limit_bytes:
        _require_limits(profile, wanted)
    threads = threads_of(settings, expected)
    if wanted[0] in ort.get_available_providers():
        opened = _open(ort, path, wanted, threads, limit_bytes, profile)
        if wanted[0] in opened.session.get_providers():
            return opened
    if not settings.gpu_fallback:
        hint = "give the container a GPU (docker run --gpus all), use the cpu profile, or allow SWATH_GPU_FALLBACK=true"
        raise ProfileUnusable(profile, f"onnxruntime can't use {wanted[0]} on this machine", hint)
    logger.warning("the profile '%s' runs on the CPU: %s can't be used here", profile, wanted[0])
    return _open(ort, path, [CPU], threads, limit_bytes, profile)


def threads_of(settings: Settings, expected: Expected) -> int:
    """Threads of a session: what the settings say, else the process's share of the cores.

    A session of n threads has n - 1 of its own, which all its calls use; each call brings the one that it came on. So
    with c calls at once n + c - 1 are at work, and that is the share.
    """
    if settings.onnx_threads:
        return settings.onnx_threads
    share = usable_cores() // (settings.workers * expected.processes)
    return max(1, share - expected.calls + 1)


def _onnxruntime(profile: str) -> Any:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # it looks up a vendor's host and writes files otherwise
    try:
        return importlib.import_module("onnxruntime")
    except ImportError:
        hint = "install swath-runtime[cpu] or swath-runtime[gpu]"
        raise ProfileUnusable(profile, "onnxruntime is not installed", hint) from None


def _require_limits(profile: str, providers: Sequence[str]) -> None:
    for one in providers:
        if one != CPU and not PROVIDERS.get(one, Provider()).limit:
            hint = f"leave SWATH_ONNX_MEMORY_BYTES out, or {one} out of SWATH_ONNX_PROVIDERS"
            raise ProfileUnusable(profile, f"{one} knows no limit of memory", hint)


def _open(ort: Any, path: Path, providers: Sequence[str], threads: int, limit_bytes: int, profile: str) -> Opened:
    options = _options(ort, threads)
    on_cpu = providers[0] == CPU
    if on_cpu and limit_bytes:
        limit_cpu(ort, options, limit_bytes, profile)
    chosen = [(one, _provider_options(one, limit_bytes)) for one in dict.fromkeys([*providers, CPU])]
    try:
        if CUDA in providers and hasattr(ort, "preload_dlls"):
            ort.preload_dlls()  # maps the CUDA libraries of the nvidia wheels beside it
        session = ort.InferenceSession(str(path), options, providers=chosen)
    except Exception as error:  # onnxruntime raises bare subclasses of Exception from its C++ side
        if is_out_of_memory(error):
            raise ModelMemoryExceeded(limit_bytes) from error
        raise LoadFailed(path.name, f"onnxruntime can't load it ({type(error).__name__})") from error
    session.disable_fallback()  # else a run that fails on the GPU begins anew on the CPU, for good and without a word
    device = PROVIDERS.get(providers[0], Provider()).device
    return Opened(session, device, threads, limit_bytes, giving_back(ort) if on_cpu else None)


def _options(ort: Any, threads: int) -> Any:
    """Why each: docs/decisions/0023-onnx-sessions.md."""
    options = ort.SessionOptions()
    options.log_severity_level = 3  # errors only: a missing GPU is said once, by us
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _provider_options(name: str, limit_bytes: int) -> dict[str, str]:
    if not limit_bytes:
        return {}
    return {option: text.format(limit_bytes) for option, text in PROVIDERS.get(name, Provider()).limit.items()}
