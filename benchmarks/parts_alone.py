"""The test accuracy of each branch of a trained network."""

import argparse

import hoiquy
from hoiquy.prediction.load import load_predictor
from hoiquy.training.encoding.prepare import encode_split
from hoiquy.training.loop import FittedModel
from recipe_ablation import answering


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN")
    parser.add_argument("--data", required=True, metavar="aclImdb_v1.tar.gz")
    asked = parser.parse_args()
    dataset = hoiquy.load_dataset(asked.data)
    for folder in asked.runs:
        predictor = load_predictor(folder)
        test = encode_split(predictor.recipe, dataset, dataset.test, predictor.vocabulary)
        for name, model in answering(predictor.model).items():
            print(f"{folder}, {name}: {100 * FittedModel(model, []).score(test).accuracy:.2f} %")


if __name__ == "__main__":
    main()
