"""docker compose: one service, as hardened as `swath package` tries it."""

from typing import Any

from swath_packager.deployment.service import LEAVE_S, MIB, Service


def compose_file(service: Service) -> dict[str, Any]:
    """A compose file; its health check is the image's own. Source: the Compose specification."""
    return {"name": service.name, "services": {service.name: _service(service)}}


def _service(service: Service) -> dict[str, Any]:
    return {
        "image": service.image,
        **({"platform": f"linux/{service.architecture}"} if service.architecture else {}),
        "restart": "unless-stopped",
        "ports": [f"127.0.0.1:{service.port}:{service.port}"],
        "user": service.user,
        "read_only": True,
        "tmpfs": [f"/tmp:size={service.temp_bytes},mode=1777"],  # noqa: S108 - of the container
        "shm_size": service.shared_bytes,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "pids_limit": 1024,
        "stop_grace_period": f"{service.drain_s + LEAVE_S}s",
        "environment": service.environment,
        "deploy": {"resources": _resources(service)},
    }


def _resources(service: Service) -> dict[str, Any]:
    memory = -(-(service.memory_bytes + service.temp_bytes) // MIB)  # a tmpfs is memory of the container
    found: dict[str, Any] = {"limits": {"cpus": str(service.resources["cpu"]), "memory": f"{memory}M"}}
    if service.device:
        device = {"driver": service.device.compose, "count": service.devices, "capabilities": ["gpu"]}
        found["reservations"] = {"devices": [device]}
    return found
