"""Networks as ONNX models."""
