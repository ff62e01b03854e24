"""Questions for a graphics processor, as `tensorflow.test`: hoiquy uses none."""

__all__ = ["gpu_device_name", "is_built_with_cuda", "is_gpu_available"]


def gpu_device_name() -> str:
    return ""


def is_built_with_cuda() -> bool:
    return False


def is_gpu_available(
    cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None
) -> bool:
    return False
