"""Layers hold parameters and call kernels; `forward` returns the output and its backward pass.

One file per kind of layer; SimpleRNN, LSTM and GRU are in `recurrent.py` and the
files that it imports.
"""

from hoiquy.nn.layers.base import Backward, Call, Context, Gradients, Layer, Shape
from hoiquy.nn.layers.bidirectional import Bidirectional
from hoiquy.nn.layers.dense import Dense
from hoiquy.nn.layers.dropout import Dropout
from hoiquy.nn.layers.embedding import Embedding
from hoiquy.nn.layers.ngram_embedding import NgramEmbedding
from hoiquy.nn.layers.pooling import MaxPooling, MeanPooling
from hoiquy.nn.layers.recurrent import GRU, LSTM, SimpleRNN
from hoiquy.nn.layers.recurrent_base import Recurrent
from hoiquy.nn.layers.recurrent_inference import RecurrentInference
from hoiquy.nn.layers.stacked_recurrent import StackedRecurrent
from hoiquy.nn.layers.wide import Wide

__all__ = [
    "GRU", "LSTM", "Backward", "Bidirectional", "Call", "Context", "Dense", "Dropout", "Embedding",
    "Gradients", "Layer", "MaxPooling", "MeanPooling", "NgramEmbedding", "Recurrent",
    "RecurrentInference", "Shape", "SimpleRNN", "StackedRecurrent", "Wide",
]  # fmt: skip
