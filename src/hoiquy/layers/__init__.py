"""Layers: parameters and one kernel pair each; forward(x) returns (y, backward)."""

from hoiquy.layers.base import Backward, Gradients, Layer
from hoiquy.layers.bidirectional import Bidirectional
from hoiquy.layers.dense import Dense
from hoiquy.layers.dropout import Dropout
from hoiquy.layers.embedding import Embedding
from hoiquy.layers.ngram_embedding import NgramEmbedding
from hoiquy.layers.pooling import MaxPooling, MeanPooling
from hoiquy.layers.recurrent import GRU, LSTM, Recurrent, RecurrentInference, SimpleRNN
from hoiquy.layers.wide import Wide

__all__ = [
    "GRU", "LSTM", "Backward", "Bidirectional", "Dense", "Dropout", "Embedding", "Gradients",
    "Layer", "MaxPooling", "MeanPooling", "NgramEmbedding", "Recurrent", "RecurrentInference",
    "SimpleRNN", "Wide",
]  # fmt: skip
