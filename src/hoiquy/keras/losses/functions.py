"""Keras' losses as functions, with older and short names."""

from hoiquy.keras.losses.base import LossFunction
from hoiquy.keras.losses.classes import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)

mean_squared_error = LossFunction("mean_squared_error", MeanSquaredError)
mean_absolute_error = LossFunction("mean_absolute_error", MeanAbsoluteError)
mean_absolute_percentage_error = LossFunction(
    "mean_absolute_percentage_error", MeanAbsolutePercentageError
)
mean_squared_logarithmic_error = LossFunction(
    "mean_squared_logarithmic_error", MeanSquaredLogarithmicError
)
cosine_similarity = LossFunction("cosine_similarity", CosineSimilarity)
huber = LossFunction("huber", Huber)
log_cosh = LossFunction("log_cosh", LogCosh)
hinge = LossFunction("hinge", Hinge)
squared_hinge = LossFunction("squared_hinge", SquaredHinge)
categorical_hinge = LossFunction("categorical_hinge", CategoricalHinge)
kl_divergence = LossFunction("kl_divergence", KLDivergence)
poisson = LossFunction("poisson", Poisson)
binary_crossentropy = LossFunction("binary_crossentropy", BinaryCrossentropy)
binary_focal_crossentropy = LossFunction("binary_focal_crossentropy", BinaryFocalCrossentropy)
categorical_crossentropy = LossFunction("categorical_crossentropy", CategoricalCrossentropy)
categorical_focal_crossentropy = LossFunction(
    "categorical_focal_crossentropy", CategoricalFocalCrossentropy
)
sparse_categorical_crossentropy = LossFunction(
    "sparse_categorical_crossentropy", SparseCategoricalCrossentropy
)

# Older and short names.
mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
bce = BCE = binary_crossentropy
kld = KLD = kullback_leibler_divergence = kl_divergence
huber_loss = huber
logcosh = log_cosh
cosine = cosine_proximity = cosine_similarity
