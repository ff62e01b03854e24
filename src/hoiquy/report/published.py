"""Results on the published lab sheet, by exercise."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """One exercise of the sheet. Accuracies in per cent, as printed there.

    Exercises 1 and 2 give the range of the accuracy; 3 to 5 give its approximate final value, which
    is both ends of the range here.
    """

    number: int
    accuracy: float  # on the test set
    parameters: int
    train_range: tuple[float, float]
    val_range: tuple[float, float]
    summary_figure: int  # number of the figure with the model summary
    curves_figure: int  # a is the accuracy, b the loss


PUBLISHED: dict[str, Published] = {
    "bai1": Published(1, 49.97, 40_802, (49, 53), (49, 53), 1, 2),
    "bai2": Published(2, 49.98, 121_002, (48, 53), (48, 53), 3, 4),
    "bai3": Published(3, 87.57, 11_602_354, (92.5, 92.5), (88.7, 88.7), 5, 6),
    "bai4": Published(4, 86.19, 11_669_922, (93.3, 93.3), (87.5, 87.5), 7, 8),
    "bai5": Published(5, 87.29, 11_537_154, (91.9, 91.9), (87.8, 87.8), 9, 10),
}
