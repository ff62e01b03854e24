"""Layers hold parameters and call kernels; `forward` returns the output and its backward pass.

One file per kind or family of layers; SimpleRNN, LSTM and GRU are in `recurrent.py`.
"""

from hoiquy.nn.layers.activation import Activation, Softmax
from hoiquy.nn.layers.activity_regularization import ActivityRegularization
from hoiquy.nn.layers.attention import AdditiveAttention, Attention
from hoiquy.nn.layers.base import Backward, Call, Context, Gradients, Layer, Shape
from hoiquy.nn.layers.batch_normalization import BatchNormalization
from hoiquy.nn.layers.bidirectional import Bidirectional
from hoiquy.nn.layers.concatenate import Concatenate
from hoiquy.nn.layers.convolution import Conv1D
from hoiquy.nn.layers.dense import Dense
from hoiquy.nn.layers.depthwise_convolution import DepthwiseConv1D, SeparableConv1D
from hoiquy.nn.layers.dot import Dot
from hoiquy.nn.layers.dropout import Dropout, SpatialDropout1D
from hoiquy.nn.layers.embedding import Embedding
from hoiquy.nn.layers.group_normalization import GroupNormalization, RMSNormalization
from hoiquy.nn.layers.layer_normalization import LayerNormalization, UnitNormalization
from hoiquy.nn.layers.local_pooling import AveragePooling1D, MaxPooling1D
from hoiquy.nn.layers.masking import Masking
from hoiquy.nn.layers.merging import (
    Add,
    Average,
    Maximum,
    Merge,
    Minimum,
    Multiply,
    Subtract,
)
from hoiquy.nn.layers.multi_head_attention import MultiHeadAttention
from hoiquy.nn.layers.ngram_embedding import NgramEmbedding
from hoiquy.nn.layers.noise import AlphaDropout, GaussianDropout, GaussianNoise
from hoiquy.nn.layers.pooling import ConcatPooling, MaxPooling, MeanPooling
from hoiquy.nn.layers.rectifiers import ELU, LeakyReLU, PReLU, ReLU, ThresholdedReLU
from hoiquy.nn.layers.recurrent import GRU, LSTM, SimpleRNN
from hoiquy.nn.layers.recurrent_base import Recurrent
from hoiquy.nn.layers.recurrent_inference import RecurrentInference
from hoiquy.nn.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from hoiquy.nn.layers.resizing import Cropping1D, UpSampling1D, ZeroPadding1D
from hoiquy.nn.layers.stacked_recurrent import StackedRecurrent
from hoiquy.nn.layers.time_distributed import TimeDistributed
from hoiquy.nn.layers.wide import Wide

__all__ = [
    "ELU", "GRU", "LSTM", "Activation", "ActivityRegularization", "Add", "AdditiveAttention",
    "AlphaDropout", "Attention", "Average", "AveragePooling1D", "Backward", "BatchNormalization",
    "Bidirectional", "Call", "ConcatPooling", "Concatenate", "Context", "Conv1D",
    "Cropping1D", "Dense", "DepthwiseConv1D", "Dot", "Dropout", "Embedding", "Flatten",
    "GaussianDropout", "GaussianNoise", "Gradients", "GroupNormalization", "Layer",
    "LayerNormalization", "LeakyReLU", "Masking",
    "MaxPooling", "MaxPooling1D", "Maximum", "MeanPooling", "Merge", "Minimum",
    "MultiHeadAttention", "Multiply", "NgramEmbedding", "PReLU", "Permute", "RMSNormalization",
    "ReLU", "Recurrent", "RecurrentInference", "RepeatVector", "Reshape", "SeparableConv1D",
    "Shape", "SimpleRNN", "Softmax", "SpatialDropout1D", "StackedRecurrent", "Subtract",
    "ThresholdedReLU", "TimeDistributed", "UnitNormalization", "UpSampling1D", "Wide",
    "ZeroPadding1D",
]  # fmt: skip
