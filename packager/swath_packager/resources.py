"""Files that an image carries beside the algorithm's folder: models that describe.yml names by URI."""

from collections.abc import Callable
from pathlib import Path

from swath_algorithm.folder import Algorithm
from swath_packager.errors import PackagerError
from swath_packager.store import Store


class ModelUnfetched(PackagerError):
    """The model that describe.yml names by URI can't be had, or is another file."""

    def __init__(self, reason: str, hint: str, exit_code: int) -> None:
        super().__init__(f"the model: {reason}")
        self.hint, self.exit_code = hint, exit_code


def fetch_resources(algorithm: Algorithm, store: Store, report: Callable[[str], None]) -> dict[str, Path]:
    """Place in the image's algorithm folder -> file of this machine, for each file with a layer of its own.

    A model of the folder is that file; one elsewhere is fetched into the cache, once, and has its own name in the
    image: a service finds it there and asks nobody.

    Raises:
        ModelUnfetched: it can't be had, or is another file than the one declared.
    """
    place = algorithm.model
    if place is None:
        return {}
    name = place.relative_to(algorithm.folder).as_posix()
    if algorithm.model_elsewhere is None:
        return {name: place}
    from swath_converters.resources import ResourceError, at_hand

    try:
        return {name: at_hand(place, *algorithm.model_elsewhere, lambda step: report(f"model {name}: {step}"))}
    except ResourceError as error:
        raise ModelUnfetched(str(error), error.hint, error.exit_code) from error
