"""BentoML with its own adaptive batching."""

import bentoml
from patch_scores import MAX_SIZE, open_session, samples_of, scores_of


@bentoml.service(traffic={"timeout": 120, "max_concurrency": 256})
class Classify:
    """Ten scores of each patch; a request holds a list of one."""

    def __init__(self) -> None:
        self.session = open_session()

    @bentoml.api(batchable=True, max_batch_size=MAX_SIZE, max_latency_ms=10_000)
    def classify(self, images: list[str]) -> list[list[float]]:
        """Scores of patches as base64 of NPY."""
        return scores_of(self.session, [samples_of(text) for text in images])
