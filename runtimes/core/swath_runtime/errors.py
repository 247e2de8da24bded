"""What keeps a service from starting or an algorithm from running."""

from pathlib import Path


class RuntimeFailure(Exception):
    """Base of this package's errors."""

    hint: str = ""
    exit_code: int = 1


class SettingInvalid(RuntimeFailure):
    """An environment variable or option has a value that can't be used."""

    exit_code = 2

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable}: {reason}")
        self.variable = variable
        self.hint = "docs/settings.md lists every variable with its default"


class LoadFailed(RuntimeFailure):
    """process.py could not be imported or started."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.hint = "mend process.py, then: swath test ALGORITHM"


class ModelUnavailable(RuntimeFailure):
    """The model that describe.yml names by URI can't be had, or is another file."""

    def __init__(self, reason: str, hint: str, exit_code: int) -> None:
        super().__init__(f"the model: {reason}")
        self.hint, self.exit_code = hint, exit_code


class ProfileUnusable(RuntimeFailure):
    """The profile needs what this machine or image does not have."""

    exit_code = 3

    def __init__(self, profile: str, reason: str, hint: str) -> None:
        super().__init__(f"the profile '{profile}' can't be used here: {reason}")
        self.profile = profile
        self.hint = hint


class StateUnusable(RuntimeFailure):
    """The folder for jobs and configuration can't be used."""

    exit_code = 3

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"the state folder {folder} {reason}")
        self.folder = folder
        self.hint = "name one that only this service's user can write to: SWATH_STATE_FOLDER"


class NoRoom(RuntimeFailure):
    """Several workers need a folder between them, and none can be made."""

    exit_code = 3

    def __init__(self, below: Path, reason: str) -> None:
        super().__init__(f"no folder for the workers can be made in {below}: {reason}")
        self.below = below
        self.hint = "mount a temporary folder (docker run --tmpfs /tmp), or serve with SWATH_WORKERS=1"


class ModelMemoryExceeded(RuntimeFailure):
    """A run of the model needs more memory than it may have; 0 `limit_bytes`: than there is."""

    exit_code = 3

    def __init__(self, limit_bytes: int) -> None:
        most = f"the {limit_bytes} bytes that it may have" if limit_bytes else "there is"
        super().__init__(f"The model needs more memory for this than {most}.")
        self.limit_bytes = limit_bytes
        self.hint = (
            "Send a smaller image, or when less is in work. Operators: raise SWATH_ONNX_MEMORY_BYTES, or declare "
            "smaller tiles (model.tiling) or batches (batch.maxSize)."
        )

    def __reduce__(self) -> tuple[type["ModelMemoryExceeded"], tuple[int]]:
        return type(self), (self.limit_bytes,)  # it may come from the process that a call was sent to


class RuntimeMissing(RuntimeFailure):
    """No server is installed, or not the one asked for."""

    exit_code = 3

    def __init__(self, asked: str | None, installed: list[str]) -> None:
        named = f"the runtime '{asked}' is not installed" if asked else "no runtime is installed, or several are"
        super().__init__(f"{named}; installed: {', '.join(installed) or 'none'}")
        self.hint = "install swath-fastapi or swath-flask, or choose one: --runtime NAME (SWATH_RUNTIME)"


class ExtraMissing(RuntimeFailure):
    """A setting needs a library that is not installed."""

    exit_code = 3

    def __init__(self, setting: str, library: str, extra: str) -> None:
        super().__init__(f"{setting} needs {library}, which is not installed")
        self.hint = f"install swath-runtime[{extra}]; an image carries it by `swath package … --with {extra}`"
