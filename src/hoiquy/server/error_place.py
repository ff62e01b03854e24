"""Where an error happened, for the log: its message may hold a text that was sent."""


def place_of(error: Exception) -> str:
    """The kind of error and the last functions that it passed through, in one line."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} in {' > '.join(frames[-4:])}"
