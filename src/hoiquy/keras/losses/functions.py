"""Keras' losses as functions, with older and short names."""

from hoiquy.keras.losses import classes
from hoiquy.keras.losses.base import LossFunction

__all__ = [
    "BCE", "KLD", "MAE", "MAPE", "MSE", "MSLE", "bce", "binary_crossentropy",
    "binary_focal_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy",
    "categorical_hinge", "cosine", "cosine_proximity", "cosine_similarity", "hinge", "huber",
    "huber_loss", "kl_divergence", "kld", "kullback_leibler_divergence", "log_cosh", "logcosh",
    "mae", "mape", "mean_absolute_error", "mean_absolute_percentage_error",
    "mean_squared_error", "mean_squared_logarithmic_error", "mse", "msle", "poisson",
    "sparse_categorical_crossentropy", "squared_hinge",
]  # fmt: skip

mean_squared_error = LossFunction(classes.MeanSquaredError)
mean_absolute_error = LossFunction(classes.MeanAbsoluteError)
mean_absolute_percentage_error = LossFunction(classes.MeanAbsolutePercentageError)
mean_squared_logarithmic_error = LossFunction(classes.MeanSquaredLogarithmicError)
cosine_similarity = LossFunction(classes.CosineSimilarity)
huber = LossFunction(classes.Huber, "huber")
log_cosh = LossFunction(classes.LogCosh)
hinge = LossFunction(classes.Hinge)
squared_hinge = LossFunction(classes.SquaredHinge)
categorical_hinge = LossFunction(classes.CategoricalHinge)
kl_divergence = LossFunction(classes.KLDivergence)
poisson = LossFunction(classes.Poisson)
binary_crossentropy = LossFunction(classes.BinaryCrossentropy)
binary_focal_crossentropy = LossFunction(classes.BinaryFocalCrossentropy)
categorical_crossentropy = LossFunction(classes.CategoricalCrossentropy)
categorical_focal_crossentropy = LossFunction(classes.CategoricalFocalCrossentropy)
sparse_categorical_crossentropy = LossFunction(classes.SparseCategoricalCrossentropy)

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
