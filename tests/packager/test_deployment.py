"""Deployment files: valid where they go, and true to the describe document that they come from."""

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft7Validator
from packager.images import small_image

from swath_algorithm.folder import Algorithm
from swath_cli.main import run
from swath_packager.archive import write_archive
from swath_packager.deployment import Cluster, Service, service_of, write_files
from swath_packager.deployment.kubernetes import SETTLE_S, manifests
from swath_packager.deployment.service import LEAVE_S
from swath_packager.image import compose
from swath_packager.plan import Plan
from swath_packager.store import Store
from swath_runtime.metrics.families import QUEUED
from swath_runtime.settings import Settings

CWLTOOL = "import sys, cwltool.main; sys.exit(cwltool.main.run())"  # `-m cwltool` drops the exit code
VERSIONS = ("1.27", "1.32", kubernetes_validate.latest_version())
RICH = """\
license: MIT
execution: {concurrency: 2, timeoutSeconds: 12.5}
"""
RESOURCES = (
    "resources: {cpu: 1.5, ram: 268435456, cpuArch: arm64, gpu: 2, sharedMemory: 134217728, storageTemp: 2097153}"
)


def service(what: Path | str, profile: str | None = None, image: str | None = None) -> Service:
    return service_of(str(what), "fastapi", profile, image)


def rich(folder: Callable[..., Path]) -> Path:
    """An algorithm that says more of itself than it must."""
    made = folder(more=RICH)
    text = (made / "describe.yml").read_text()
    (made / "describe.yml").write_text(text.replace("resources: {cpu: 1, ram: 268435456}", RESOURCES))
    return made


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("profile", ["cpu", "gpu"])
def test_manifests_are_what_the_cluster_takes(clouds: Algorithm, profile: str, version: str) -> None:
    for manifest in manifests(service(clouds.folder, profile)).values():
        kubernetes_validate.validate(manifest, version, strict=True)


def test_the_manifests_of_a_rich_description_are_valid_too(folder: Callable[..., Path]) -> None:
    for manifest in manifests(service(rich(folder), "gpu"), Cluster(1, 1, "clouds-tls")).values():
        kubernetes_validate.validate(manifest, VERSIONS[-1], strict=True)


def pod_of(made: Service) -> dict[str, Any]:
    return manifests(made)["deployment"]["spec"]["template"]["spec"]


def test_a_pod_asks_for_what_the_description_says(folder: Callable[..., Path]) -> None:
    pod = pod_of(service(rich(folder), "gpu"))
    (container,) = pod["containers"]
    assert container["resources"] == {
        "requests": {"cpu": "1500m", "memory": "384Mi", "ephemeral-storage": "67Mi"},
        "limits": {"memory": "384Mi", "ephemeral-storage": "67Mi", "nvidia.com/gpu": "2"},
    }
    assert pod["nodeSelector"]["kubernetes.io/arch"] == "arm64"
    assert {one["name"]: one["emptyDir"]["sizeLimit"] for one in pod["volumes"]} == {"tmp": "3Mi", "shm": "128Mi"}


def test_no_gpu_is_asked_for_under_the_cpu_profile(folder: Callable[..., Path]) -> None:
    (container,) = pod_of(service(rich(folder), "cpu"))["containers"]
    assert set(container["resources"]["limits"]) == {"memory", "ephemeral-storage"}


def test_a_gpu_profile_asks_for_one_gpu_where_the_description_names_none(clouds: Algorithm) -> None:
    (container,) = pod_of(service(clouds.folder, "gpu"))["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"


def test_a_pod_may_do_as_little_as_can_be(clouds: Algorithm) -> None:
    pod = pod_of(service(clouds.folder))
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False


def test_a_pod_is_given_the_time_that_a_request_may_take(folder: Callable[..., Path]) -> None:
    pod = pod_of(service(rich(folder)))
    (container,) = pod["containers"]
    settings = Settings.from_environ({one["name"]: one["value"] for one in container["env"]})
    assert (settings.drain_delay_seconds, settings.drain_seconds) == (SETTLE_S, 13)
    assert pod["terminationGracePeriodSeconds"] == SETTLE_S + 13 + LEAVE_S


def test_a_pod_is_asked_on_the_paths_that_the_service_has(clouds: Algorithm) -> None:
    from swath_runtime.routes import Router
    from swath_runtime.service import Service as Served

    (container,) = pod_of(service(clouds.folder))["containers"]
    known = Router(Served(clouds, Settings(algorithm=clouds.folder))).paths
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] in known


def test_every_setting_that_is_written_is_one_of_the_services(clouds: Algorithm) -> None:
    assert Settings.from_environ(service(clouds.folder).environment).drain_seconds == 300


def test_the_autoscaler_looks_at_what_waits_where_it_is_told_to(clouds: Algorithm) -> None:
    made = manifests(service(clouds.folder), Cluster(scale_on="queue"))["horizontalpodautoscaler"]
    (metric,) = made["spec"]["metrics"]
    assert metric["pods"]["metric"]["name"] == f"{QUEUED.name}"
    kubernetes_validate.validate(made, VERSIONS[-1], strict=True)


def test_prometheus_is_told_where_the_metrics_are(clouds: Algorithm) -> None:
    pod = manifests(service(clouds.folder))["deployment"]["spec"]["template"]
    told = {name.removeprefix("prometheus.io/"): value for name, value in pod["metadata"]["annotations"].items()}
    port = str(pod["spec"]["containers"][0]["ports"][0]["containerPort"])
    assert told == {"scrape": "true", "scheme": "http", "port": port, "path": "/metrics"}


def test_service_budget_and_autoscaler_mean_the_same_pods(clouds: Algorithm) -> None:
    made = manifests(service(clouds.folder), Cluster(3, 7))
    labels = made["deployment"]["spec"]["template"]["metadata"]["labels"].items()
    assert made["deployment"]["spec"]["selector"]["matchLabels"].items() <= labels
    assert made["service"]["spec"]["selector"].items() <= labels
    assert made["poddisruptionbudget"]["spec"]["selector"]["matchLabels"].items() <= labels
    scaler = made["horizontalpodautoscaler"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == made["deployment"]["metadata"]["name"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 7)
    assert "replicas" not in made["deployment"]["spec"]  # applying it again would undo what the autoscaler did


def test_a_secret_makes_it_https_all_the_way(clouds: Algorithm) -> None:
    made = manifests(service(clouds.folder), Cluster(tls_secret="clouds-tls"))
    pod = made["deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    settings = Settings.from_environ({one["name"]: one["value"] for one in container["env"]})
    assert settings.scheme == "https"
    assert {container[one]["httpGet"]["scheme"] for one in ("startupProbe", "readinessProbe", "livenessProbe")} == {
        "HTTPS"
    }
    assert {"name": "tls", "secret": {"secretName": "clouds-tls", "defaultMode": 0o440}} in pod["volumes"]
    assert {"name": "tls", "mountPath": "/tls", "readOnly": True} in container["volumeMounts"]
    assert made["service"]["spec"]["ports"][0]["port"] == 443


def compose_schema() -> Any:
    return json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())


@pytest.mark.parametrize("profile", ["cpu", "gpu"])
def test_a_compose_file_is_what_compose_takes(clouds: Algorithm, tmp_path: Path, profile: str) -> None:
    (path,) = write_files(service(clouds.folder, profile), ["compose"], tmp_path)
    Draft7Validator(compose_schema()).validate(yaml.safe_load(path.read_text()))


def test_a_compose_service_is_hardened_and_given_its_time(folder: Callable[..., Path], tmp_path: Path) -> None:
    (path,) = write_files(service(rich(folder), "gpu"), ["compose"], tmp_path)
    (made,) = yaml.safe_load(path.read_text())["services"].values()
    assert made["read_only"] is True
    assert made["cap_drop"] == ["ALL"]
    assert made["user"] == "10001:10001"
    assert made["stop_grace_period"] == f"{13 + LEAVE_S}s"
    assert made["deploy"]["resources"]["reservations"]["devices"] == [
        {"driver": "nvidia", "count": 2, "capabilities": ["gpu"]}
    ]


@pytest.mark.parametrize("profile", ["cpu", "gpu"])
def test_a_cwl_package_is_what_cwltool_takes(clouds: Algorithm, tmp_path: Path, profile: str) -> None:
    (path,) = write_files(service(clouds.folder, profile), ["cwl"], tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", CWLTOOL, "--validate", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "is valid CWL" in done.stdout


def test_a_cwl_package_has_the_inputs_of_the_description(clouds: Algorithm, tmp_path: Path) -> None:
    (path,) = write_files(service(clouds.folder), ["cwl"], tmp_path)
    document = yaml.safe_load(path.read_text())
    (main,) = [one for one in document["$graph"] if one["class"] == "Workflow"]
    assert {name: one["type"] for name, one in main["inputs"].items()} == {"image": "Directory", "threshold": "double?"}
    assert main["inputs"]["threshold"]["default"] == 0.2
    assert document["s:softwareVersion"] == clouds.version


def test_the_files_are_named_as_they_are_written(
    clouds: Algorithm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--to", "compose", "--to", "kubernetes", "--to", "cwl", "--out", str(tmp_path)]
    assert run(["deploy", str(clouds.folder), *options]) == 0
    written = sorted(one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*") if one.is_file())
    assert written == [
        "cloud-detection.cwl", "compose.yaml", "kubernetes/deployment.yaml",
        "kubernetes/horizontalpodautoscaler.yaml", "kubernetes/poddisruptionbudget.yaml", "kubernetes/service.yaml",
    ]  # fmt: skip
    assert [Path(line.removeprefix("wrote ")).is_file() for line in capsys.readouterr().out.splitlines()] == [True] * 6


def test_an_archive_tells_its_own_name_and_profile(store: Store, plan: Plan, tmp_path: Path) -> None:
    write_archive(compose(small_image(store), {}, plan), plan.tag, tmp_path / "a.tar")
    made = service(tmp_path / "a.tar")
    assert (made.image, made.profile, made.architecture) == ("team/clouds:1", "cpu", "amd64")


def test_the_name_to_pull_by_replaces_the_images_own(clouds: Algorithm) -> None:
    (container,) = pod_of(service(clouds.folder, image="registry.example/clouds@sha256:" + "0" * 64))["containers"]
    assert container["image"].startswith("registry.example/clouds@sha256:")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "helm"], "'helm' is not one of"),
        (["--to", "kubernetes", "--replicas", "5", "--max-replicas", "2"], "less than --replicas 5"),
        ([], "Missing option '--to'"),
        (["--to", "compose", "--image", "Team/Clouds:1!"], "'Team/Clouds:1!' is not a name for an image"),
        (["--to", "compose", "--profile", "tpu"], "known profiles: cpu, gpu"),
    ],
)
def test_a_wrong_option_is_a_usage_error(
    clouds: Algorithm, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert run(["deploy", str(clouds.folder), *options]) == 2
    assert words in capsys.readouterr().err


def test_a_running_service_does_not_tell_its_image(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deploy", "http://localhost:8080", "--to", "compose"]) == 2
    assert "give the algorithm" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    ["clouds", "team/clouds:1.0.0", "Registry.example:5000/a/b__c:x", "localhost/a@sha256:" + "0" * 64],
)
def test_a_name_that_engines_take_is_taken(clouds: Algorithm, name: str) -> None:
    assert service(clouds.folder, image=name).image == name


def test_a_profile_that_the_algorithm_does_not_list_is_refused(
    folder: Callable[..., Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    made = folder(more="profiles: [cpu]\n")
    assert run(["deploy", str(made), "--to", "compose", "--profile", "gpu", "--out", str(tmp_path / "out")]) == 1
    assert "profiles: [cpu]" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
