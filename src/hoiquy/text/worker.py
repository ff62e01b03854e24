"""The process at the other end of `processes.py`: python -m hoiquy.text.worker."""

import os
import pickle
import signal
import sys


def main() -> None:
    """Read a function, then its arguments one after the other, and answer what it makes of each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the first process ends this
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a package that prints would be an answer
    try:
        work = pickle.load(requests)
        while True:
            texts = pickle.load(requests)
            try:
                answer = work(texts)
            except Exception as error:
                answer = error
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    except (EOFError, BrokenPipeError):  # nobody is there any more
        os._exit(0)


if __name__ == "__main__":
    main()
