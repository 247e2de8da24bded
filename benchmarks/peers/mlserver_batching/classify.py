"""MLServer with its own adaptive batching: BYTES tensors of several requests come as one."""

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput
from patch_scores import open_session, samples_of, scores_of


class Classify(MLModel):
    """Ten scores of each patch."""

    async def load(self) -> bool:
        """Load the model."""
        self.session = open_session()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """One tensor (patches, 10)."""
        scores = scores_of(self.session, [samples_of(text) for text in payload.inputs[0].data])
        flat = [score for line in scores for score in line]
        output = ResponseOutput(name="scores", shape=[len(scores), len(scores[0])], datatype="FP32", data=flat)
        return InferenceResponse(id=payload.id, model_name=self.name, outputs=[output])
