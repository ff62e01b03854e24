"""What one iteration over a data set gives, with the methods of TensorFlow's iterators."""

from typing import Any

import numpy as np
import pytest

from hoiquy.keras.pipeline.dataset import Dataset


@pytest.mark.parametrize("begin", [iter, lambda dataset: dataset.as_numpy_iterator()])
def test_the_next_element_by_every_name(begin: Any) -> None:
    dataset = Dataset.from_tensor_slices((np.arange(4), ["a", "b", "c", "d"])).batch(1)
    elements = begin(dataset)
    assert iter(elements) is elements
    taken = [elements.next(), next(elements), elements.get_next(), *elements]
    assert [int(number[0]) for number, _ in taken] == [0, 1, 2, 3]
    with pytest.raises(StopIteration):
        elements.next()
    assert len(list(begin(dataset))) == 4


def test_elements_are_tensors_or_arrays() -> None:
    dataset = Dataset.from_tensor_slices([1.5])
    assert dataset.as_numpy_iterator().next() == np.float32(1.5)
    assert not hasattr(dataset.as_numpy_iterator().next(), "get_shape")
    assert iter(dataset).next().numpy() == 1.5
