"""All settings of a service, read once from `SWATH_*` variables into one frozen object."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import inf
from pathlib import Path
from typing import Any

from swath_runtime.errors import SettingInvalid

PREFIX = "SWATH_"
MIB = 1 << 20


def _setting(
    default: Any,
    help_text: str,
    *,
    least: float = -inf,
    most: float = inf,
    choices: tuple[str, ...] = (),
    is_secret: bool = False,
) -> Any:
    metadata = {"help": help_text, "least": least, "most": most, "choices": choices}
    return field(default=default, metadata=metadata, repr=not is_secret)


@dataclass(frozen=True)
class Settings:
    """The settings; each field is the variable `SWATH_<NAME>`. `docs/settings.md` is made from this."""

    algorithm: Path = _setting(Path("/app/algorithm"), "Folder of the algorithm to serve.")
    runtime: str = _setting("", "Runtime to serve with, where several are installed: fastapi or flask.")
    profile: str = _setting("cpu", "Profile: which ONNX execution providers the model runs on (cpu or gpu).")
    onnx_providers: tuple[str, ...] = _setting(
        (), "ONNX execution providers in order of preference, comma-separated; empty: those of the profile."
    )
    gpu_fallback: bool = _setting(False, "Run on the CPU where the profile's provider can't be used, with a warning.")
    onnx_threads: int = _setting(
        0,
        "Threads of the ONNX session; 0: the cores that may be used, shared among workers and concurrent calls.",
        least=0,
    )
    onnx_memory_bytes: int = _setting(
        0,
        "Most memory that runs of the ONNX model may take, the GPU's or the CPU's by profile, bytes; 0: no limit.",
        least=0,
    )
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8080, "Port to listen on.", least=1, most=65535)
    tls_certificate: str = _setting("", "Certificate to serve https with, its chain below it, a PEM file; empty: http.")
    tls_key: str = _setting("", "Private key of that certificate, a PEM file without a password.")
    auth_tokens_file: str = _setting("", "File of the tokens that let callers in: lines of TOKEN NAME SCOPE…")
    auth_jwks: str = _setting("", "Public keys of the issuer of JWTs that let callers in: an https URL or a file.")
    auth_secret_file: str = _setting("", "File with the secret that JWTs are signed with (HS256), 32 bytes at least.")
    auth_issuer: str = _setting("", "The `iss` that a JWT must have.")
    auth_audience: str = _setting("", "The `aud` that a JWT must have: what its issuer calls this service.")
    auth_max_concurrent: int = _setting(
        0,
        "Most requests that one caller with a token has in work at once, in each server process; 0: any number.",
        least=0,
    )
    config_writable: bool = _setting(
        False, "Let PUT config change the configuration where no token is asked for; else the scope config decides."
    )
    workers: int = _setting(1, "Server processes; each holds its own copy of the model.", least=1)
    public_url: str = _setting("", "Base URL that links start with; empty: from Forwarded, X-Forwarded-* or Host.")
    max_body_bytes: int = _setting(1024 * MIB, "Largest request body, bytes.", least=1)
    max_batch_items: int = _setting(1000, "Most items of one batched request.", least=1)
    max_pixels: int = _setting(400_000_000, "Largest image, pixels of one band (width × height).", least=1)
    max_bands: int = _setting(512, "Most bands of an image.", least=1)
    max_decoded_bytes: int = _setting(1024 * MIB, "Largest image in memory, bytes.", least=1)
    decode_timeout_seconds: float = _setting(60.0, "Longest time for decoding one image, seconds.", least=0.001)
    file_roots: tuple[Path, ...] = _setting(
        (), "Folders below which file: URIs may be read, comma-separated; empty: none."
    )
    url_schemes: tuple[str, ...] = _setting(
        (), "Schemes of URLs that may be read, comma-separated, of http, https, s3, gs; empty: none."
    )
    url_hosts: tuple[str, ...] = _setting(
        (), "Hosts of http and https URLs, comma-separated: data.example.org, data.example.org:8443, *.example.org."
    )
    url_networks: tuple[str, ...] = _setting(
        (), "Networks that are not public and may be connected to all the same, comma-separated: 10.20.0.0/16."
    )
    url_buckets: tuple[str, ...] = _setting(
        (), "What of s3 and gs may be read, comma-separated: s3://name/, gs://name/folder/."
    )
    output_prefixes: tuple[str, ...] = _setting(
        (), "Below what results may be put by reference, comma-separated: file:///folder/, s3://name/; empty: nowhere."
    )
    max_fetch_bytes: int = _setting(1024 * MIB, "Most bytes read of a file that a URI names.", least=1)
    fetch_timeout_seconds: float = _setting(60.0, "Longest wait for one file or upload in all, seconds.", least=0.001)
    fetch_connect_seconds: float = _setting(5.0, "Longest wait for a connection, seconds.", least=0.001)
    fetch_read_seconds: float = _setting(15.0, "Longest silence of a server that is read from, seconds.", least=0.001)
    fetch_ca_file: str = _setting("", "Certificate authorities to trust for https, a PEM file; empty: the system's.")
    validate_outputs: bool = _setting(True, "Check what the algorithm gives back against its schema.")
    state_folder: Path = _setting(
        Path(), "Folder that outlives the processes; empty: below the temporary folder, by user, name and port."
    )
    jobs: str = _setting(
        "",
        "Where jobs are kept: postgresql://user:password@host/database; empty: a file in the state folder.",
        is_secret=True,
    )
    max_jobs: int = _setting(10_000, "Most jobs that wait to be run.", least=1)
    job_attempts: int = _setting(2, "How often a job may begin whose process ends before it does.", least=1, most=100)
    job_ttl_seconds: float = _setting(
        86_400.0, "How long a job and its results are kept after its end, seconds.", least=0
    )
    jobs_max_bytes: int = _setting(
        10_240 * MIB, "Most bytes of jobs' requests and results; what ended longest ago goes first.", least=1
    )
    callback_hosts: tuple[str, ...] = _setting(
        (), "Hosts of X-Callback-URL, comma-separated, as in SWATH_URL_HOSTS; empty: nobody is called back."
    )
    callback_secret_file: Path = _setting(
        Path(), "File with the key that callbacks are signed with: whsec_ and base64."
    )
    drain_seconds: float = _setting(
        30.0, "How long requests in work may go on after SIGTERM, seconds.", least=0, most=86400
    )
    drain_delay_seconds: float = _setting(
        0.0, "How long calls are still taken after SIGTERM, not ready any more, seconds.", least=0, most=3600
    )
    body_timeout_seconds: float = _setting(
        30.0, "Longest time in which no byte of a request comes, or none of its answer is taken, seconds.", least=0.001
    )
    log_format: str = _setting("text", "Log lines as text or json.", choices=("text", "json"))
    log_level: str = _setting("INFO", "Least level that is logged.", choices=("DEBUG", "INFO", "WARNING", "ERROR"))

    log_fields: tuple[str, ...] = _setting((), "What every log line says besides, comma-separated: team=eo,stage=test.")
    log_keys: tuple[str, ...] = _setting(
        (), "Other names for the keys of JSON lines, comma-separated: message=msg,timestamp=@timestamp."
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Settings of the variables; raises SettingInvalid for an unusable value or an unknown SWATH_ variable."""
        known = {PREFIX + one.name.upper(): one for one in fields(cls)}
        for variable in environ:
            if variable.startswith(PREFIX) and variable not in known and not _is_not_ours(variable, environ[variable]):
                raise SettingInvalid(variable, "there is no such setting")
        values = {
            one.name: _parse(variable, environ[variable], one.default, one.metadata)
            for variable, one in known.items()
            if is_given(variable, environ)
        }
        settings = cls(**values)
        if bool(settings.tls_certificate) != bool(settings.tls_key):
            raise SettingInvalid("SWATH_TLS_CERTIFICATE and SWATH_TLS_KEY", "the one needs the other")
        return settings

    @property
    def is_guarded(self) -> bool:
        """Whether callers need a token."""
        return bool(self.auth_tokens_file or self.auth_jwks or self.auth_secret_file)

    @property
    def scheme(self) -> str:
        """Of the URLs that it answers: https where a certificate is set, else http."""
        return "https" if self.tls_certificate else "http"


NOT_OURS = re.compile(
    r"SWATH_(REQUIRE_(ENGINE|POSTGRESQL)|TEST_(DATA|RUNTIME|POSTGRESQL)|CACHE|.*SERVICE_(HOST|PORT).*|.*PORT_[0-9]+_.*)"
)
"""Variables of the tests and the packager, and those that Kubernetes adds for a Service named swath…"""
KUBERNETES_PORT = re.compile(r"(tcp|udp|sctp)://.*")


def is_given(variable: str, environ: Mapping[str, str]) -> bool:
    """Whether the variable of a setting is there and meant as one."""
    return variable in environ and not _is_not_ours(variable, environ[variable])


def _is_not_ours(variable: str, value: str) -> bool:
    """Whether it has another meaning: Kubernetes even sets SWATH_PORT itself where a Service is named swath."""
    linked = variable.endswith("PORT") and KUBERNETES_PORT.fullmatch(value)
    return bool(linked or NOT_OURS.fullmatch(variable))


def environment(settings: Settings) -> dict[str, str]:
    """The variables that `Settings.from_environ` would read these settings from; defaults are left out."""
    values = {one.name: getattr(settings, one.name) for one in fields(settings)}
    changed = {name: value for name, value in values.items() if value != getattr(Settings, name)}
    return {PREFIX + name.upper(): text_of(value) for name, value in changed.items()}


def table() -> str:
    """Markdown table of every setting: what docs/settings.md shows."""
    rows = [
        f"| `{PREFIX}{one.name.upper()}` | `{text_of(one.default)}` | {one.metadata['help']} |".replace("``", "–")
        for one in fields(Settings)
    ]
    return "\n".join(["| variable | default | what it does |", "|---|---|---|", *rows])


def _parse(variable: str, text: str, default: Any, limits: Mapping[str, Any]) -> Any:
    value = _typed(variable, text.strip(), default, is_path="ROOTS" in variable)
    if isinstance(value, int | float) and not limits["least"] <= value <= limits["most"]:
        upper = "" if limits["most"] == inf else f" and at most {limits['most']}"
        raise SettingInvalid(variable, f"must be at least {limits['least']}{upper}")
    if limits["choices"]:
        value = {one.lower(): one for one in limits["choices"]}.get(str(value).lower())
        if value is None:
            raise SettingInvalid(variable, f"must be one of {', '.join(limits['choices'])}")
    return value


def _typed(variable: str, text: str, default: Any, *, is_path: bool) -> Any:
    if isinstance(default, bool):
        if text.lower() not in {"true", "false", "1", "0"}:
            raise SettingInvalid(variable, "must be true or false")
        return text.lower() in {"true", "1"}
    if isinstance(default, tuple):
        items = [one.strip() for one in text.split(",") if one.strip()]
        return tuple(Path(one) for one in items) if is_path else tuple(items)
    try:
        return type(default)(text) if not isinstance(default, Path) else Path(text)
    except ValueError:
        raise SettingInvalid(variable, f"must be a number, such as {default}") from None


def text_of(value: Any) -> str:
    """The text that a variable has for a setting's value."""
    if isinstance(value, bool):
        return str(value).lower()
    if value == Path():
        return ""
    return ",".join(str(one) for one in value) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
