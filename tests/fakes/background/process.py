"""An algorithm whose results come by a job, whoever asks for them how."""

from swath_runtime import Context


def process(steps: int, context: Context) -> dict[str, int]:
    """The number of steps."""
    for step in range(steps):
        context.check_cancelled()
        context.progress((step + 1) / steps, f"step {step + 1}")
    return {"steps": steps}
