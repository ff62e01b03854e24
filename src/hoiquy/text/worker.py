"""A worker process of `processes.py`, started as python -m hoiquy.text.worker."""

import os
import pickle
import signal
import sys


def main() -> None:
    """Read a pickled function, then arguments; write the pickled result of each call."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C and ends this process
    requests = sys.stdin.buffer
    results = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # keeps prints of packages out of the results
    try:
        work = pickle.load(requests)
        while True:
            texts = pickle.load(requests)
            try:
                result = work(texts)
            except Exception as error:
                result = error
            pickle.dump(result, results, pickle.HIGHEST_PROTOCOL)
            results.flush()
    except (EOFError, BrokenPipeError):  # the parent has closed the pipe
        os._exit(0)


if __name__ == "__main__":
    main()
