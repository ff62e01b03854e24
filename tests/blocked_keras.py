"""Real Keras and its backends, blocked in another process."""

# Run by Python at its start: it makes the real modules fail, whether or not they are installed.
BLOCKED = """
import sys

class Blocked:
    def find_spec(self, fullname, path, target=None):
        if fullname.partition(".")[0] in ("keras", "tensorflow", "tf_keras", "jax", "torch"):
            raise ImportError(f"{fullname} is blocked")

sys.meta_path.insert(0, Blocked())
"""
