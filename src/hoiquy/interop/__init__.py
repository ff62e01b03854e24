"""Keras models and training, ONNX export."""
