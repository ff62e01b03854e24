"""The devices of TensorFlow 1, as `tensorflow.python.client.device_lib`: one processor."""

from typing import Any, NamedTuple

__all__ = ["list_local_devices"]


class DeviceAttributes(NamedTuple):
    """A device for computing."""

    name: str = "/device:CPU:0"
    device_type: str = "CPU"
    memory_limit: int = 0
    physical_device_desc: str = ""


def list_local_devices(session_config: Any = None) -> list[DeviceAttributes]:
    return [DeviceAttributes()]
