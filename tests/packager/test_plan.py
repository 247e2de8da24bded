"""Plans: what an image will be, before anything is made."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from swath_algorithm.folder import Algorithm, open_algorithm
from swath_packager.errors import ModelMissing, PackagerError, ProfileNotAllowed, RuntimeUnknown, TagInvalid
from swath_packager.plan import Plan, make_plan
from swath_packager.profile import read_profile
from swath_packager.runtimes import distribution_of, known_runtimes
from swath_schemas import resolve


def test_layers_go_from_what_changes_least_to_what_changes_most(plan: Plan) -> None:
    assert [layer.name for layer in plan.layers] == ["dependencies", "runtime", "model", "sbom", "algorithm"]


def test_cuda_has_a_layer_of_its_own_below_all_others(clouds: Algorithm) -> None:
    plan = make_plan(clouds, "flask", "swath-flask", read_profile("gpu"))
    assert [layer.name for layer in plan.layers] == ["cuda", "dependencies", "runtime", "model", "sbom", "algorithm"]
    assert plan.layers[0].contents == ("nvidia-*",)


def test_an_algorithm_without_a_model_has_no_model_layer(folder: Callable[..., Path]) -> None:
    plan = make_plan(open_algorithm(folder()), "fastapi", "swath-fastapi", read_profile("cpu"))
    assert [layer.name for layer in plan.layers] == ["dependencies", "runtime", "sbom", "algorithm"]


def test_requirements_of_the_algorithm_stand_in_the_plan(folder: Callable[..., Path]) -> None:
    algorithm = open_algorithm(folder(files={"requirements.txt": "shapely==2.1.2\n"}))
    plan = make_plan(algorithm, "fastapi", "swath-fastapi", read_profile("cpu"))
    assert "-r requirements.txt" in plan.layers[0].contents


def test_the_describe_document_travels_as_a_label(plan: Plan, clouds: Algorithm) -> None:
    assert json.loads(plan.labels["io.swath.describe"]) == clouds.describe


def test_versions_of_the_types_travel_as_a_label(plan: Plan) -> None:
    told = json.loads(plan.labels["io.swath.types"])
    assert told["image"] == resolve("image").version


def test_oci_annotations_come_from_describe(plan: Plan, clouds: Algorithm) -> None:
    prefix = "org.opencontainers.image."
    said = {key.removeprefix(prefix): value for key, value in plan.labels.items() if key.startswith(prefix)}
    assert said["title"] == clouds.describe["title"]
    assert said["version"] == clouds.describe["version"]
    assert said["vendor"] == clouds.describe["organization"]
    assert said["licenses"] == clouds.describe["license"]


def test_no_image_asks_the_vendor_for_telemetry_or_needs_a_writable_home(plan: Plan) -> None:
    assert plan.env["ORT_DISABLE_TELEMETRY"] == "1"
    assert plan.env["HOME"] == "/tmp"


def test_buffers_of_images_are_kept_between_requests(plan: Plan) -> None:
    assert plan.env["MALLOC_ARENA_MAX"] == "1"
    assert plan.env["MALLOC_MMAP_THRESHOLD_"] == "67108864"
    assert plan.env["MALLOC_TRIM_THRESHOLD_"] == "268435456"


def test_a_gpu_image_asks_for_the_driver(clouds: Algorithm) -> None:
    env = make_plan(clouds, "fastapi", "swath-fastapi", read_profile("gpu")).env
    assert env["NVIDIA_VISIBLE_DEVICES"] == "all"
    assert env["NVIDIA_DRIVER_CAPABILITIES"] == "compute,utility"
    assert env["SWATH_PROFILE"] == "gpu"


def test_a_tag_is_made_from_name_version_runtime_and_profile(clouds: Algorithm) -> None:
    made = make_plan(clouds, "flask", "swath-flask", read_profile("cpu"))
    assert made.tag == f"swath/cloud-detection:{clouds.version}-flask-cpu"


def test_the_base_asked_for_replaces_that_of_the_profile(clouds: Algorithm) -> None:
    asked = make_plan(clouds, "fastapi", "swath-fastapi", read_profile("cpu"), base="here/base:1")
    assert asked.base == "here/base:1"
    assert make_plan(clouds, "fastapi", "swath-fastapi", read_profile("cpu")).base == read_profile("cpu").base


def test_a_plan_is_printable_as_text_and_as_json(plan: Plan) -> None:
    text = plan.as_text()
    for layer in plan.layers:
        assert layer.name in text
    assert "team/clouds:1" in text
    assert plan.as_json()["layers"][-1]["name"] == "algorithm"
    assert json.loads(json.dumps(plan.as_json())) == plan.as_json()


def test_the_same_inputs_give_the_same_plan(clouds: Algorithm) -> None:
    plans = [make_plan(clouds, "fastapi", "swath-fastapi", read_profile("cpu")) for _ in range(2)]
    assert plans[0] == plans[1]


def test_a_profile_that_describe_does_not_list_is_refused_with_those_it_lists(folder: Callable[..., Path]) -> None:
    algorithm = open_algorithm(folder(more="profiles: [cpu]"))
    with pytest.raises(ProfileNotAllowed) as refused:
        make_plan(algorithm, "fastapi", "swath-fastapi", read_profile("gpu"))
    assert "profiles: [cpu]" in refused.value.hint


def test_a_model_that_is_not_there_is_named(clouds: Algorithm, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"model\.onnx"):
        make_plan(replace(clouds, folder=tmp_path), "fastapi", "swath-fastapi", read_profile("cpu"))


@pytest.mark.parametrize("tag", ["Upper/case:1", "a b", "a:", ":1", "a/b:c:d", "-a", "a//b", "a;rm"])
def test_a_name_that_no_engine_takes_is_refused(clouds: Algorithm, tag: str) -> None:
    with pytest.raises(TagInvalid):
        make_plan(clouds, "fastapi", "swath-fastapi", read_profile("cpu"), tag=tag)


@pytest.mark.parametrize(
    "tag", ["a", "a:1", "team/clouds:1.0.0", "host.example:5000/team/clouds:v1", "localhost/a__b:x"]
)
def test_a_name_that_engines_take_is_taken(clouds: Algorithm, tag: str) -> None:
    assert make_plan(clouds, "fastapi", "swath-fastapi", read_profile("cpu"), tag=tag).tag == tag


def test_runtimes_are_found_by_what_installed_distributions_declare() -> None:
    known = known_runtimes()
    assert known
    assert known.items() <= {"fastapi": "swath-fastapi", "flask": "swath-flask"}.items()


def test_an_unknown_runtime_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RuntimeUnknown) as refused:
        distribution_of("django")
    assert refused.value.exit_code == 2
    assert all(name in refused.value.hint for name in known_runtimes())


def test_every_error_says_what_to_do_and_how_to_leave() -> None:
    for kind in PackagerError.__subclasses__():
        assert kind.exit_code in (1, 2, 3)
        assert isinstance(kind.hint, str)
