"""Other tools: Keras models and training, ONNX."""
