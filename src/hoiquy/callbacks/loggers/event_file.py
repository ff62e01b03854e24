"""Event files of TensorBoard, written with tensorboardX.

tensorboardX's `EventsWriter` is used, not its `SummaryWriter`, which writes in a thread: there a
full disk raises no error and then blocks the caller.
"""

import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class EventFile:
    """A new event file in a folder. Raises ImportError without tensorboardX."""

    def __init__(self, folder: Path) -> None:
        from tensorboardX.event_file_writer import EventsWriter

        folder.mkdir(parents=True, exist_ok=True)
        # file names have a resolution of one second
        number = len(list(folder.glob("events.out.tfevents.*")))
        self._writer = EventsWriter(str(folder / "events"), f".{number}")

    def write_scalars(self, values: Mapping[str, float], step: int) -> None:
        """Write numbers by name, to the disk."""
        from tensorboardX.summary import scalar

        for name, value in values.items():
            self.write(scalar(name, value), step)
        self._writer.flush()

    def write(self, summary: Any, step: int) -> None:
        """Write one summary of tensorboardX."""
        from tensorboardX.proto.event_pb2 import Event

        self._writer.write_event(Event(wall_time=time.time(), step=step, summary=summary))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


def read_events(file: Path) -> Iterator[Any]:
    """The complete events of a file, which a killed process may have left truncated.

    A record is: length (8 bytes), its checksum (4), the event, its checksum (4).
    """
    from tensorboardX.proto.event_pb2 import Event

    content, at = file.read_bytes(), 0
    while at + 12 <= len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        if at + 12 + length + 4 > len(content):
            return
        yield Event.FromString(content[at + 12 : at + 12 + length])
        at += 12 + length + 4
