"""What an error holds on to once it was answered."""


def forget_tracebacks(error: BaseException | None) -> None:
    """Let go of the frames that an error and its causes came through.

    A frame that holds whatever holds the error makes a circle: its images would stay until the garbage collector
    happens to run, to which few requests with large images give little reason.
    """
    left = [error]
    while left:
        one = left.pop()
        if one and one.__traceback__:
            one.__traceback__ = None
            left += [one.__cause__, one.__context__]
