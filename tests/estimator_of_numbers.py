"""The classifier as scikit-learn's own checks can feed it: their numbers become texts."""

from typing import Any, Self

from sklearn.utils.validation import check_is_fitted, validate_data

from hoiquy.estimator.classifier import RecurrentClassifier


class OfNumbers(RecurrentClassifier):
    """Writes a row of numbers as words, one a column, such as "c0p12 c1m3".

    Nearly all checks of scikit-learn hand over matrices of numbers and are not run for classifiers
    of texts. What they look at is, but for reading the matrix, the work of RecurrentClassifier.
    """

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803
        return super().fit(self._texts(X, y=y, reset=True), y)

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:  # noqa: N803
        reset = not self.__sklearn_is_fitted__()
        return super().partial_fit(self._texts(X, y=y, reset=reset), y, classes)

    def predict(self, X: Any) -> Any:  # noqa: N803
        check_is_fitted(self)
        return super().predict(self._texts(X, reset=False))

    def predict_proba(self, X: Any) -> Any:  # noqa: N803
        check_is_fitted(self)
        return super().predict_proba(self._texts(X, reset=False))

    def _texts(self, X: Any, **options: Any) -> list[str]:  # noqa: N803
        if "y" in options:
            rows = validate_data(self, X, multi_output=True, **options)[0]
        else:
            rows = validate_data(self, X, **options)
        return [" ".join(map(_word, range(len(row)), row)) for row in rows]

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "columns": getattr(self, "n_features_in_", None)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if state["columns"] is not None:
            self.n_features_in_ = state["columns"]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = False
        tags.input_tags.two_d_array = True
        return tags


def _word(column: int, value: Any) -> str:
    halves = round(2 * float(value))
    return f"c{column}{'m' if halves < 0 else 'p'}{abs(halves)}"
