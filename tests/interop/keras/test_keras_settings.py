"""Every setting of an imported layer: exact, noted or refused; none is passed over."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from test_keras_import import LENGTH, ROWS, embedding, imported, saved, two

from hoiquy.errors import InputError
from hoiquy.interop.keras.layer import KerasLayer
from hoiquy.interop.keras.layer_settings import RULES, Ignored, Only, check_settings
from hoiquy.interop.keras.layer_tables import SUPPORTED
from hoiquy.interop.keras.reader import read_keras
from hoiquy.interop.keras.text import TextOptions
from hoiquy.prediction.predictor import Predictor
from keras_archives import Config, changed, layer_config

L = keras.layers
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "InputLayer": ((6,),), "Embedding": (3, 4), "Bidirectional": (L.LSTM(2),),
    "SimpleRNN": (2,), "LSTM": (2,), "GRU": (2,), "Dense": (2,),
}  # fmt: skip
KINDS = [*SUPPORTED, "InputLayer"]
# As Keras 2.15 and tf_keras 2.21 write them in a .keras file, beside the keys of Keras 3.
KERAS_2 = {
    "InputLayer": {"batch_input_shape": [None, 6]},
    "Embedding": {"input_length": 6, "batch_input_shape": [None, 6]},
    "SpatialDropout1D": {"noise_shape": None},
    "SimpleRNN": {"time_major": False},
    "LSTM": {"time_major": False, "implementation": 2},
    "GRU": {"time_major": False, "implementation": 2},
    "Dense": {"activity_regularizer": None},
}


def default_config(kind: str) -> Config:
    arguments = ARGUMENTS.get(kind, () if kind in ("ActivityRegularization",) else (0.1,))
    arguments = () if kind.startswith("Global") else arguments
    return dict(getattr(L, kind)(*arguments).get_config())


def layer(kind: str, config: Config) -> KerasLayer:
    return KerasLayer(kind, "mine", config, "")


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_of_keras_is_known(kind: str) -> None:
    config = default_config(kind)
    assert config.keys() <= RULES[kind].keys()
    assert check_settings(layer(kind, config), "m.keras") == []
    assert check_settings(layer(kind, config | KERAS_2.get(kind, {})), "m.keras") == []


@pytest.mark.parametrize("kind", KINDS)
def test_any_other_value_is_noted_or_refused(kind: str) -> None:
    """No setting that Only or Ignored names can be passed over in silence."""
    for key, rule in RULES[kind].items():
        odd = layer(kind, default_config(kind) | {key: {"class_name": "Odd", "config": {}}})
        if isinstance(rule, Ignored):
            assert f"layer mine ({kind}): {key} = Odd" in check_settings(odd, "m.keras")[0]
        elif isinstance(rule, Only):
            with pytest.raises(InputError, match=rf"m\.keras: layer mine \({kind}\) has {key} = "):
                check_settings(odd, "m.keras")


@pytest.mark.parametrize("kind", KINDS)
def test_a_setting_of_a_future_keras_is_refused(kind: str) -> None:
    for value in (None, False, 0, 1.5, "x", {"class_name": "New"}):
        config = default_config(kind) | {"zero_output_on_mondays": value}
        with pytest.raises(InputError, match=r"\bzero_output_on_mondays = .* hoiquy does not know"):
            check_settings(layer(kind, config), "m.keras")


@pytest.mark.parametrize("policy", ["mixed_float16", "bfloat16", "float64", "int8_from_float32"])
def test_another_precision_is_refused(policy: str) -> None:
    for dtype in (policy, {"class_name": "DTypePolicy", "config": {"name": policy}}):
        with pytest.raises(InputError, match=f"dtype = {policy}; hoiquy only has float32"):
            check_settings(layer("LSTM", default_config("LSTM") | {"dtype": dtype}), "m.keras")
    with pytest.raises(InputError, match="has dtype = float16"):
        check_settings(layer("InputLayer", default_config("InputLayer") | {"dtype": "float16"}), "")


def outputs(path: Path, indices: Any) -> Any:
    return np.array(keras.saving.load_model(path).predict_on_batch(indices))


def test_what_only_matters_in_training_changes_nothing_and_is_noted(tmp_path: Path) -> None:
    L1 = keras.regularizers.L1(0.1)  # noqa: N806
    path = saved(
        tmp_path,
        L.Embedding(ROWS, 4, embeddings_regularizer=L1),
        L.SpatialDropout1D(0.2), L.GaussianNoise(0.5), L.GaussianDropout(0.2),
        L.AlphaDropout(0.2), L.Dropout(0.2, noise_shape=(None, 1, 4)),
        L.ActivityRegularization(0.1),
        L.LSTM(5, recurrent_dropout=0.2, return_sequences=True, kernel_regularizer=L1,
               bias_regularizer="l2", trainable=False, unroll=True),
        L.GRU(3, activity_regularizer="l2", recurrent_constraint="max_norm"),
        L.Dense(3, "relu", kernel_regularizer="l2", bias_constraint="non_neg"), two(),
    )  # fmt: skip
    run = imported(path)
    indices = np.random.default_rng(1).integers(0, ROWS, (64, LENGTH), np.int32)
    ours = Predictor.from_run(run).model.probabilities(indices)
    np.testing.assert_allclose(ours, outputs(path, indices), atol=1e-6)
    notes = "\n".join(run.result.changes)
    for told in (
        "embeddings_regularizer = L1", "(SpatialDropout1D) was not", "(GaussianNoise) was not",
        "(GaussianDropout) was not", "(AlphaDropout) was not", "noise_shape = [None, 1, 4]",
        "(ActivityRegularization) was not", "recurrent_dropout = 0.2", "bias_regularizer = L2",
        "kernel_regularizer = L1", "trainable = False", "activity_regularizer = L2",
        "recurrent_constraint = MaxNorm", "(Dense): kernel_regularizer = L2, bias_constraint",
    ):  # fmt: skip
        assert told in notes
    assert all("training" in note for note in run.result.changes)


def test_a_stateful_layer_is_read_as_one_that_starts_anew(tmp_path: Path) -> None:
    first = L.InputLayer(batch_shape=(8, LENGTH))
    path = saved(tmp_path, first, embedding(), L.LSTM(3, stateful=True), two())
    run = imported(path)
    indices = np.random.default_rng(1).integers(0, ROWS, (8, LENGTH), np.int32)
    ours = Predictor.from_run(run).model.probabilities(indices)
    np.testing.assert_allclose(ours, outputs(path, indices), atol=1e-6)
    assert "stateful = True" in run.result.changes[0]


def padded_documents(side: str) -> Any:
    indices = np.random.default_rng(1).integers(1, ROWS, (16, LENGTH), np.int32)
    for row, count in zip(indices, range(1, 17), strict=True):
        row[count % LENGTH + 1 :] = 0
    return indices if side == "right" else indices[:, ::-1].copy()


@pytest.mark.parametrize("side", ["left", "right"])
def test_zero_output_for_mask_between_layers_is_exact(side: str, tmp_path: Path) -> None:
    path = saved(
        tmp_path, embedding(True), L.GRU(3, return_sequences=True, zero_output_for_mask=True),
        L.Bidirectional(L.LSTM(3, return_sequences=True)), L.GlobalAveragePooling1D(), two(),
    )  # fmt: skip
    indices = padded_documents(side)
    run = imported(path, text_options=TextOptions(padding=side))  # type: ignore[arg-type]
    ours = Predictor.from_run(run).model.probabilities(indices)
    np.testing.assert_allclose(ours, outputs(path, indices), atol=1e-6)


def test_zero_output_for_mask_at_the_end_is_exact_or_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, embedding(True), L.LSTM(3, zero_output_for_mask=True), two())
    indices = padded_documents("left")
    ours = Predictor.from_run(imported(path)).model.probabilities(indices)
    np.testing.assert_allclose(ours, outputs(path, indices), atol=1e-6)
    again = tmp_path / "again"
    again.mkdir()
    path = saved(again, embedding(True), L.LSTM(3, zero_output_for_mask=True), two())
    with pytest.raises(InputError, match=r"layer lstm\w* has zero_output_for_mask = True"):
        imported(path, text_options=TextOptions(padding="right"))
    path = saved(again, embedding(), L.LSTM(3, zero_output_for_mask=True), two())
    ours = Predictor.from_run(imported(path, text_options=TextOptions(padding="right"))).model
    right = padded_documents("right")
    np.testing.assert_allclose(ours.probabilities(right), outputs(path, right), atol=1e-6)


def test_a_class_that_only_bears_the_name_is_refused(tmp_path: Path) -> None:
    def custom(config: Config) -> None:
        config["config"]["layers"][2] |= {"module": None, "registered_name": "Mine>LSTM"}

    def custom_inside(config: Config) -> None:
        layer_config(config, "Bidirectional")["layer"]["module"] = "mine"

    for layer, change, said in (
        (L.LSTM(2), custom, "is a Mine>LSTM, a class that is not Keras' own"),
        (L.Bidirectional(L.LSTM(2)), custom_inside, "/layer is a LSTM, a class that is not Keras'"),
    ):
        path = changed(saved(tmp_path, embedding(), layer, two()), change)
        with pytest.raises(InputError, match=said):
            imported(path)


@pytest.mark.parametrize("kind", ["Sequential", "Functional"])
def test_a_model_class_that_only_bears_the_name_is_refused(kind: str, tmp_path: Path) -> None:
    half = {"call": lambda self, x, **named: super(type(self), self).call(x, **named) / 2}
    base = keras.Sequential if kind == "Sequential" else keras.Model
    mine = keras.saving.register_keras_serializable("Mine")(type(kind, (base,), half))
    plain = keras.Sequential([keras.Input((5,)), embedding(), L.LSTM(2), two()])
    model = (
        mine([keras.Input((5,)), *plain.layers])
        if kind == "Sequential"
        else mine(plain.inputs, plain.outputs)
    )
    model.save(tmp_path / "m.keras")
    with pytest.raises(InputError, match=f"class Mine>{kind}, which is not Keras' own"):
        read_keras(tmp_path / "m.keras")


def test_weights_that_were_never_built_are_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="has not yet been built"):
        keras.Sequential([embedding(), L.LSTM(2), two()]).save(tmp_path / "m.keras")
    with pytest.raises(InputError, match=r"no weights at layers/embedding/vars: call the model"):
        read_keras(tmp_path / "m.keras")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda config: config["config"].update(lazily=True), "the model has lazily = True"),
        (lambda config: config["config"].update(trainable=False), ""),
        (lambda config: layer_config(config, "LSTM").update(time_major=True), "time_major = True"),
        (lambda config: layer_config(config, "LSTM").update(use_bias=1), "use_bias = 1"),
        (lambda config: layer_config(config, "Dense").update(lora_rank=2), "lora_rank = 2"),
        (lambda config: layer_config(config, "Embedding").update(mask_zero="x"), "mask_zero = x"),
        (lambda config: layer_config(config, "InputLayer").update(ragged=True), "ragged = True"),
        (lambda config: config["config"]["layers"][2].update(
            class_name="Bidirectional", config={"name": "x", "layer": {"class_name": []}}),
         r"layer x \(Bidirectional\) holds a \[\]"),
    ],
)  # fmt: skip
def test_a_changed_config_is_read_or_named(change: Any, said: str, tmp_path: Path) -> None:
    path = changed(saved(tmp_path, embedding(), L.LSTM(2), two()), change)
    if said:
        with pytest.raises(InputError, match=said):
            imported(path)
    else:
        assert "the model is not trainable in Keras" in imported(path).result.changes[0]


def test_what_keras_2_writes_is_read(tmp_path: Path) -> None:
    """Its .keras files have other keys, plain dtypes, and no backward layer."""
    path = saved(tmp_path, embedding(True), L.Bidirectional(L.LSTM(3)), two())
    indices = padded_documents("left")
    expected = outputs(path, indices)

    def as_keras_2(config: Config) -> None:
        for node in config["config"]["layers"]:
            inner = node["config"]
            inner.pop("optional", None), inner.pop("quantization_config", None)
            inner["dtype"] = "float32"
            if node["class_name"] == "InputLayer":
                inner["batch_input_shape"] = inner.pop("batch_shape")
        both = layer_config(config, "Bidirectional")
        del both["backward_layer"]
        of_lstm = both["layer"]["config"]
        del of_lstm["zero_output_for_mask"], of_lstm["seed"]
        of_lstm |= {"time_major": False, "implementation": 2, "dtype": "float32"}

    run = imported(changed(path, as_keras_2))
    ours = Predictor.from_run(run).model.probabilities(indices)
    np.testing.assert_allclose(ours, expected, atol=1e-6)
