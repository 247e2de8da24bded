"""Kubernetes: Deployment, Service, PodDisruptionBudget and HorizontalPodAutoscaler.

The container writes to /tmp only, as nobody, with no capability, under the runtime's default seccomp profile. A pod
leaves in this order: out of the Service and SIGTERM, SETTLE_S in which it takes calls until that is known everywhere,
the drain, its end.
"""

from dataclasses import dataclass
from typing import Any, Literal

from swath_packager.deployment.service import LEAVE_S, MIB, Service

SETTLE_S = 5  # until no proxy sends to a pod that is leaving
START_S = 300  # how long a model may take to load before the pod is started anew
CPU_PERCENT = 75  # of the CPU that is requested: above, another pod comes
CALM_S = 300  # how long it must be calmer before a pod goes
ANSWER_S = 5  # within which a probe must be answered, also while large images are at work
LOG_BYTES = 64 << 20  # logs are counted to a pod's storage until the node takes them away
QUEUED = "swath_queued_requests"
_TLS = {"SWATH_TLS_CERTIFICATE": "/tls/tls.crt", "SWATH_TLS_KEY": "/tls/tls.key"}
_HEALTH, _READY = "/api/v1/health", "/api/v1/ready"


@dataclass(frozen=True)
class Cluster:
    """What a cluster decides: pods at least and at most, and the Secret (of type kubernetes.io/tls) to serve https
    with; None leaves that to what stands before the Service. Another pod comes when the CPU is at work, or when calls
    wait: the latter a cluster knows only with an adapter that serves custom.metrics.k8s.io from Prometheus."""

    replicas: int = 2
    max_replicas: int = 10
    tls_secret: str | None = None
    scale_on: Literal["cpu", "queue"] = "cpu"


DEFAULT = Cluster()


def manifests(service: Service, cluster: Cluster = DEFAULT) -> dict[str, dict[str, Any]]:
    """The objects, by the name of the file that each goes into."""
    return {
        "deployment": _object("apps/v1", "Deployment", service, _deployment(service, cluster)),
        "service": _object("v1", "Service", service, _service(service, cluster)),
        "poddisruptionbudget": _object("policy/v1", "PodDisruptionBudget", service, _budget(service)),
        "horizontalpodautoscaler": _object(
            "autoscaling/v2", "HorizontalPodAutoscaler", service, _autoscaler(service, cluster)
        ),
    }


def _object(version: str, kind: str, service: Service, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": service.name, "labels": _labels(service)},
        "spec": spec,
    }


def _labels(service: Service) -> dict[str, str]:
    """The recommended labels; a semantic version's `+` may not stand in one."""
    version = str(service.describe["version"]).replace("+", "_")[:63].rstrip("._-")
    return {**_selector(service), "app.kubernetes.io/version": version, "app.kubernetes.io/part-of": "swath"}


def _selector(service: Service) -> dict[str, str]:
    return {"app.kubernetes.io/name": service.name}


def _deployment(service: Service, cluster: Cluster) -> dict[str, Any]:
    """Without `replicas`: their number is the autoscaler's."""
    return {
        "selector": {"matchLabels": _selector(service)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "template": {
            "metadata": {"labels": _labels(service), "annotations": _scraped(service, cluster)},
            "spec": _pod(service, cluster),
        },
    }


def _scraped(service: Service, cluster: Cluster) -> dict[str, str]:
    """Where Prometheus finds the metrics, by the annotations that its usual configuration looks at."""
    scheme = "https" if cluster.tls_secret else "http"
    named = {"scrape": "true", "scheme": scheme, "port": str(service.port), "path": "/metrics"}
    return {f"prometheus.io/{name}": value for name, value in named.items()}


def _pod(service: Service, cluster: Cluster) -> dict[str, Any]:
    user, group = (int(one) for one in service.user.split(":"))
    selector = {"kubernetes.io/os": "linux"}
    if service.architecture:
        selector["kubernetes.io/arch"] = service.architecture
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": SETTLE_S + service.drain_s + LEAVE_S,
        "nodeSelector": selector,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": group,
            "fsGroup": group,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": _selector(service)},
            }
        ],
        "containers": [_container(service, cluster)],
        "volumes": [
            {"name": "tmp", "emptyDir": {"sizeLimit": _quantity(service.temp_bytes)}},
            {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": _quantity(service.shared_bytes)}},
            *_tls_volumes(cluster),
        ],
    }


def _container(service: Service, cluster: Cluster) -> dict[str, Any]:
    leaving = {"SWATH_DRAIN_DELAY_SECONDS": str(SETTLE_S)}
    environment = {**service.environment, **leaving, **(_TLS if cluster.tls_secret else {})}
    mounts = [{"name": "tmp", "mountPath": "/tmp"}, {"name": "shm", "mountPath": "/dev/shm"}]  # noqa: S108
    return {
        "name": service.name,
        "image": service.image,
        "ports": [{"name": "http", "containerPort": service.port}],
        "env": [{"name": name, "value": value} for name, value in environment.items()],
        "resources": _resources(service),
        "startupProbe": _probe(_READY, cluster, every_s=1, failures=START_S),
        "readinessProbe": _probe(_READY, cluster, every_s=5, failures=2),
        "livenessProbe": _probe(_HEALTH, cluster, every_s=10, failures=6),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            *mounts,
            *({"name": one["name"], "mountPath": "/tls", "readOnly": True} for one in _tls_volumes(cluster)),
        ],
    }


def _tls_volumes(cluster: Cluster) -> list[dict[str, Any]]:
    """The Secret's volume, readable by the pod's group alone, or none."""
    if cluster.tls_secret is None:
        return []
    return [{"name": "tls", "secret": {"secretName": cluster.tls_secret, "defaultMode": 0o440}}]


def _resources(service: Service) -> dict[str, Any]:
    """Memory is limited to what is requested, so that a pod is never evicted for a neighbour's; CPU is not limited:
    what nobody else wants may be used."""
    storage = _quantity(service.temp_bytes + LOG_BYTES)
    memory = {"memory": _quantity(service.memory_bytes), "ephemeral-storage": storage}
    devices = {service.device.kubernetes: str(service.devices)} if service.device else {}
    return {"requests": {"cpu": _cores(service.resources["cpu"]), **memory}, "limits": {**memory, **devices}}


def _service(service: Service, cluster: Cluster) -> dict[str, Any]:
    return {
        "type": "ClusterIP",
        "selector": _selector(service),
        "ports": [{"name": "https", "port": 443, "targetPort": "http"}]
        if cluster.tls_secret
        else [{"name": "http", "port": 80, "targetPort": "http"}],
    }


def _budget(service: Service) -> dict[str, Any]:
    return {"maxUnavailable": 1, "selector": {"matchLabels": _selector(service)}}


def _autoscaler(service: Service, cluster: Cluster) -> dict[str, Any]:
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.name},
        "minReplicas": cluster.replicas,
        "maxReplicas": cluster.max_replicas,
        "metrics": [_queue(service) if cluster.scale_on == "queue" else _cpu()],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": CALM_S}},
    }


def _cpu() -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": CPU_PERCENT}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _queue(service: Service) -> dict[str, Any]:
    """Half of the places to wait, on average: before callers are sent away."""
    waiting = max(service.describe["execution"]["queueSize"] // 2, 1)
    target = {"type": "AverageValue", "averageValue": str(waiting)}
    return {"type": "Pods", "pods": {"metric": {"name": QUEUED}, "target": target}}


def _probe(path: str, cluster: Cluster, *, every_s: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "http", "scheme": "HTTPS" if cluster.tls_secret else "HTTP"},
        "periodSeconds": every_s,
        "timeoutSeconds": ANSWER_S,
        "failureThreshold": failures,
    }


def _cores(cpu: float) -> str:
    """Cores as Kubernetes writes them: 1, 1500m."""
    thousandths = max(1, round(cpu * 1000))
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)


def _quantity(size_bytes: int) -> str:
    """Bytes as Kubernetes writes them: whole mebibytes, rounded up."""
    return f"{-(-size_bytes // MIB)}Mi"
