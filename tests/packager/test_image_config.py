"""The configuration of an image: the plan's over the base's."""

import pytest
from packager.images import small_image

from swath_packager.errors import BaseUnfit
from swath_packager.image import compose, python_of
from swath_packager.layers import Entry, make_layer
from swath_packager.plan import Plan
from swath_packager.store import Store


def test_the_service_starts_without_a_shell_as_nobody(store: Store, plan: Plan) -> None:
    config = compose(small_image(store), {}, plan).config["config"]
    assert config["Cmd"] == ["python3", "-m", "swath_runtime"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"] == ["CMD", "python3", "-m", "swath_runtime", "--health"]
    assert config["ExposedPorts"] == {"8080/tcp": {}}


def test_what_the_base_sets_is_kept_and_completed(store: Store, plan: Plan) -> None:
    config = compose(small_image(store), {}, plan).config["config"]
    assert "PATH=/usr/bin" in config["Env"]
    assert "ORT_DISABLE_TELEMETRY=1" in config["Env"]
    assert config["WorkingDir"] == "/work"


def test_layers_and_history_agree(store: Store, plan: Plan) -> None:
    layer = make_layer([Entry("x", b"x")], store)
    image = compose(small_image(store), {"algorithm": layer}, plan)
    assert image.config["rootfs"]["diff_ids"][-1] == layer.diff_id
    assert len(image.config["rootfs"]["diff_ids"]) == len(image.layers) == len(image.config["history"])


def test_nothing_of_the_bases_own_building_stays(store: Store, plan: Plan) -> None:
    base = small_image(store)
    base.config.update({"container": "0123", "container_config": {"Hostname": "builder"}, "docker_version": "20.10"})
    assert not {"container", "container_config", "docker_version"} & set(compose(base, {}, plan).config)


def test_the_python_of_a_base_is_what_its_environment_says(store: Store) -> None:
    assert python_of(small_image(store, python="3.12.7").config, "base") == "3.12"
    assert python_of(small_image(store, python=None).config, "base") is None


def test_a_python_that_swath_does_not_run_on_is_refused(store: Store) -> None:
    with pytest.raises(BaseUnfit, match=r"Python 3\.9"):
        python_of(small_image(store, python="3.9.1").config, "base")
