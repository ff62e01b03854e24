"""What comes in over several connections: read by a thread each, so that nobody waits to send."""

from collections import defaultdict, deque
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType

from hoiquy.distributed.wire import FAILED, Connection, LostError, Message


class Inbox:
    """The messages of each connection in their order. As a context manager it closes them."""

    def __init__(self) -> None:
        self._arrived: SimpleQueue[tuple[Connection, Message | LostError]] = SimpleQueue()
        self._waiting: dict[Connection, deque[Message]] = defaultdict(deque)
        self._threads: dict[Connection, Thread] = {}

    def listen(self, connection: Connection) -> None:
        """Read it from now on."""
        thread = Thread(target=self._read, args=(connection,), name="messages")
        self._threads[connection] = thread
        thread.start()

    def take(self, connection: Connection, seconds: float | None = None) -> Message:
        """The next message of a connection.

        Raises LostError if it does not come in time, and when any of the others has failed or its
        connection ends: no process of a training can do without the others.
        """
        waiting = self._waiting[connection]
        while not waiting:
            try:
                source, message = self._arrived.get(timeout=seconds)
            except Empty:
                raise LostError(f"{connection.name}: nothing for {seconds:g} seconds") from None
            self._sort(source, message)
        return waiting.popleft()

    def check(self) -> None:
        """Raises LostError as `take` does, without waiting."""
        while not self._arrived.empty():
            self._sort(*self._arrived.get())

    def close(self) -> None:
        for connection in self._threads:
            connection.end()
        for connection, thread in self._threads.items():
            thread.join()
            connection.close()

    def __enter__(self) -> "Inbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _sort(self, source: Connection, message: Message | LostError) -> None:
        if isinstance(message, LostError):
            raise message
        if message.kind == FAILED:
            raise LostError(f"{source.name}: {message.facts['reason']}")
        self._waiting[source].append(message)

    def _read(self, connection: Connection) -> None:
        try:
            while True:
                self._arrived.put((connection, connection.receive()))
        except LostError as error:
            self._arrived.put((connection, error))
