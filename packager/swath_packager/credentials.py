"""Credentials of registries as the docker command keeps them: its config.json, or the helpers that this names."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

ANSWER_S = 10
_HUB = "https://index.docker.io/v1/"  # what Docker Hub is called in config.json


def credentials_of(registry: str) -> tuple[str, str] | None:
    """User name and password (or token) for a registry ("ghcr.io", "docker.io"), or None where none are kept.

    Source: docker login's documentation, "Credential stores" and "Credential helper protocol".
    """
    settings = _settings()
    names = (_HUB, "docker.io", "index.docker.io") if registry == "docker.io" else (registry, f"https://{registry}")
    helpers: dict[str, str] = settings.get("credHelpers") or {}
    for name in names:
        helper = helpers.get(name) or settings.get("credsStore")
        if helper and (found := _asked(str(helper), name)):
            return found
        auths: dict[str, dict[str, str]] = settings.get("auths") or {}
        kept = auths.get(name) or {}
        if found := _decoded(str(kept.get("auth") or "")):
            return found
    return None


def _settings() -> dict[str, Any]:
    path = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    try:
        settings: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _asked(helper: str, name: str) -> tuple[str, str] | None:
    """What `docker-credential-HELPER get` answers for a registry; None where it has nothing or is not installed."""
    program = shutil.which(f"docker-credential-{helper}")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "get"], input=name, capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
        told: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    user, secret = str(told.get("Username") or ""), str(told.get("Secret") or "")
    return (user, secret) if user and secret else None


def _decoded(auth: str) -> tuple[str, str] | None:
    try:
        user, colon, secret = base64.b64decode(auth, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, secret) if colon and user else None
