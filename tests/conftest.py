"""For every test: the helper modules of this folder can be imported, and settings of the shell do
not reach the engine."""

import pytest
from hypothesis import settings

# A busy machine takes longer than Hypothesis allows for the first example, which may compile.
settings.register_profile("any time", deadline=None)
settings.load_profile("any time")


@pytest.fixture(autouse=True)
def default_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels and threads are chosen as they are where nobody asks for anything."""
    monkeypatch.delenv("HOIQUY_KERNELS", raising=False)
    monkeypatch.delenv("HOIQUY_THREADS", raising=False)
