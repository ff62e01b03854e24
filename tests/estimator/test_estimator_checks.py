"""scikit-learn's own checks of an estimator."""

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from estimator_of_numbers import OfNumbers
from hoiquy.estimator.classifier import RecurrentClassifier
from hoiquy.recipe.recipe import parse_recipe
from small_reviews import SMALL

RECIPE = parse_recipe(SMALL, "small")

EXPECTED_FAILURES: dict[str, str] = {}  # by check, with the reason; there is none
WITHOUT_FITTING = (
    "check_estimator_cloneable", "check_estimator_tags_renamed", "check_valid_tag_types",
    "check_estimator_repr", "check_no_attributes_set_in_init", "check_mixin_order",
    "check_do_not_raise_errors_in_init_or_set_params", "check_parameters_default_constructible",
    "check_get_params_invariance", "check_set_params",
)  # fmt: skip
# An ensemble has no further passes, which these checks try.
OF_ENSEMBLES = dict.fromkeys(
    (
        "check_fit_score_takes_y", "check_n_features_in_after_fitting",
        "check_estimators_partial_fit_n_features",
    ),
    "partial_fit raises InputError",
)  # fmt: skip
QUICKLY = (
    "check_estimators_pickle",
    "check_methods_sample_order_invariance",
    "check_dict_unchanged",
)
MANY_CLASSES = "ignore:The number of unique classes is greater than 50%:UserWarning"


@pytest.mark.filterwarnings(MANY_CLASSES)
@parametrize_with_checks(
    [OfNumbers(RECIPE, epochs=30, learning_rate=0.03, random_state=1)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
    xfail_strict=True,
)
def test_it_behaves_as_scikit_learn_expects(
    estimator: OfNumbers, check: Callable[[Any], None]
) -> None:
    check(estimator)


@pytest.mark.parametrize("check", WITHOUT_FITTING)
def test_the_classifier_of_texts_itself(check: str) -> None:
    getattr(estimator_checks, check)("RecurrentClassifier", RecurrentClassifier(RECIPE))


@pytest.mark.parametrize("check", QUICKLY)
def test_an_ensemble(check: str) -> None:
    getattr(estimator_checks, check)("OfNumbers", OfNumbers(minutes=1e-9, random_state=1))


@pytest.mark.slow
@pytest.mark.filterwarnings(MANY_CLASSES)
@parametrize_with_checks(
    [OfNumbers(minutes=1e-9, random_state=1)],
    expected_failed_checks=lambda estimator: OF_ENSEMBLES,
    xfail_strict=True,
)
def test_an_ensemble_behaves_as_scikit_learn_expects(
    estimator: OfNumbers, check: Callable[[Any], None]
) -> None:
    check(estimator)
