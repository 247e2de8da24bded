"""What keeps examples from being run."""


class TestingError(Exception):
    """Base of this package's errors."""

    __test__ = False  # its name begins as pytest's classes do
    hint: str = ""
    exit_code: int = 1


class TargetUnknown(TestingError):
    """`--on` names no place that is known here."""

    exit_code = 2

    def __init__(self, asked: str, known: list[str]) -> None:
        super().__init__(f"--on {asked[:200]}: there is no such place to run examples")
        self.hint = f"known: {', '.join(known)}, or a URL such as http://127.0.0.1:8080"


class ServiceUnreachable(TestingError):
    """A service does not answer, or does not become ready."""

    exit_code = 3

    def __init__(self, url: str, reason: str, log: str = "") -> None:
        super().__init__(f"{url}: {reason}" + (f"\n{log}" if log else ""))
        self.hint = "is it running there? its log says more"


class UpdateRefused(TestingError):
    """There is nothing that expectations could be made of: a call failed."""

    def __init__(self, case: str, reason: str) -> None:
        super().__init__(f"nothing is updated: {case} failed: {reason}")
        self.hint = "mend the algorithm or the example's input first: an expectation is made of an answer"
