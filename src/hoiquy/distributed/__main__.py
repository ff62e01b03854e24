"""`python -m hoiquy.distributed`: a worker on this machine; stdin says whom it is to join."""

import json
import signal
import sys


def main() -> None:
    # Whoever stops a service sends one to every process of it. The first one does its step to the
    # end, for which it needs this one, and then says that it is over by ending the connection.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    invitation = json.loads(sys.stdin.readline())
    from hoiquy.distributed.handshake import Invitation
    from hoiquy.distributed.wire import LostError
    from hoiquy.distributed.worker import work
    from hoiquy.errors import HoiquyError

    try:
        work(Invitation(**invitation))
    except (HoiquyError, LostError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
