"""Files of models: configurations, whole models, weights and run folders."""

import json
from collections.abc import Sequence
from typing import Any

from hoiquy.keras.late import late
from hoiquy.keras.models.load_status import LoadStatus


class ModelFiles:
    """Methods of `Model` that write and read files."""

    def to_json(self, **kwargs: Any) -> str:
        """The configuration as JSON, without weights; `model_from_json` reads it.

        Args:
            **kwargs: As `json.dumps` takes them, such as `indent`.

        Raises:
            KerasError: As `get_config`.
        """
        config = late("models.configuration").serialized_layer(self)
        return json.dumps(late("saving.masks").with_room_for_masks(config), **kwargs)

    def save(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Write the model to a file, atomically: its layers, weights and training state.

        Args:
            filepath: Ending .keras, or .h5 or .hdf5 for the layout of Keras 2.
            overwrite: Whether an existing file is replaced.
            **kwargs: `include_optimizer` and `save_format`: see `saving.files.save_model`.

        Raises:
            KerasError: The model is not built, or the file exists and overwrite is false.
            WriteError: The file cannot be written.
        """
        late("saving").save_model(self, filepath, overwrite=overwrite, **kwargs)

    def to_run(
        self, folder: Any, tokenizer: Any = None, classes: Sequence[str] = (),
        max_length: int | None = None, padding: str = "pre", truncating: str = "pre",
        multilabel: bool = False,
    ) -> Any:  # fmt: skip
        """Write the model into a run folder, from which `hoiquy` predicts, and return the run.

        Args:
            folder: The folder to create.
            tokenizer: A `Tokenizer` or {word: index}; None for `keras.datasets.imdb`.
            classes: The names of the classes; of one sigmoid, of 0 and of 1.
            max_length: As `maxlen` in `pad_sequences`; by default what the input takes.
            padding: As in `pad_sequences`.
            truncating: As in `pad_sequences`.
            multilabel: Whether a text may have any number of the classes.

        Raises:
            KerasError: The model, or a setting of the tokenizer, has no place in a run.
        """
        from hoiquy.keras.to_run import to_run

        return to_run(self, folder, tokenizer=tokenizer, classes=classes, max_length=max_length,
                      padding=padding, truncating=truncating, multilabel=multilabel)  # fmt: skip

    def save_weights(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Write the weights to a file, atomically.

        Args:
            filepath: Ending .weights.h5, or .h5 or .hdf5 for the layout of Keras 2.
            overwrite: Whether an existing file is replaced.
            **kwargs: `save_format`: see `saving.files.save_weights`.

        Raises:
            KerasError: The model is not built, or the file exists and overwrite is false.
            WriteError: The file cannot be written.
        """
        late("saving").save_weights(self, filepath, overwrite=overwrite, **kwargs)

    def load_weights(self, filepath: Any, **kwargs: Any) -> LoadStatus:
        """Read the weights from a file of weights or of a whole model.

        Args:
            filepath: A .weights.h5, .h5, .hdf5 or .keras file.
            **kwargs: `by_name` and `skip_mismatch`: see `saving.files.load_weights`.

        Returns:
            An object with the methods of TensorFlow's status, such as `expect_partial()`.

        Raises:
            KerasError: The file is missing, damaged, or does not fit the model, which is unchanged.
        """
        late("saving").load_weights(self, filepath, **kwargs)
        return LoadStatus()
