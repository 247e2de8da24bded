"""Which converter belongs to which registry type, as a module of plain data."""

from pathlib import Path

from swath_registry.generated_digests import HEADER
from swath_registry.generator_input import snake
from swath_registry.models import model_path
from swath_schemas import SchemaStore


def generated_bindings(store: SchemaStore, converters: Path) -> str:
    """The text of `swath_converters/bindings.py`: every type that has a module of its name there.

    Args:
        store: the types.
        converters: the folder of `swath_converters`.
    """
    bound = [schema for schema in store.schemas() if (converters / f"{snake(schema.type)}.py").is_file()]
    entries = "".join(
        f'    "{schema.uri}": (\n'
        f'        "swath_converters.{snake(schema.type)}",\n'
        f'        "{model_path(schema, store)}",\n'
        f"    ),\n"
        for schema in bound
    )
    return (
        HEADER.format(source="swath_schemas")
        + '"""What converts each registry type: its exact URI, the module, the model as module:Class."""\n'
        + f"\nBINDINGS: dict[str, tuple[str, str]] = {{\n{entries}}}\n"
    )
