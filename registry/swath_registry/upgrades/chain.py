"""The steps between two versions of a type: generated modules, one for each version that has one before it."""

from importlib import import_module

from swath_registry.generator_input import module_name
from swath_registry.upgrades.step import Step
from swath_schemas import SchemaId, SchemaStore

_STEPS = "swath_registry.upgrades.steps"


def step_module(newer: SchemaId) -> str:
    """The module of the step that leads to a version: `image@1.1.0` gives `image_v1_1_0`."""
    return module_name(newer).replace(".", "_")


def steps_between(older: SchemaId, newer: SchemaId, store: SchemaStore) -> list[Step]:
    """The steps from a version to a later one of the same type, in order; none between a version and itself."""
    order = [each for each in store.schemas() if each.type == older.type]
    return [_step(each) for each in order if older.order < each.order <= newer.order]


def _step(newer: SchemaId) -> Step:
    found: Step = import_module(f"{_STEPS}.{step_module(newer)}").STEP
    return found
