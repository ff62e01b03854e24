"""Networks: layers, kernels, losses, optimizers, metrics."""
