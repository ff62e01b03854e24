"""Requests and responses of the API as pydantic models."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from hoiquy.server.settings import MAX_CHARACTERS, MAX_TEXTS

Status = Literal["training", "complete", "interrupted", "untested", "damaged"]
Interval = tuple[float, float]
Text = Annotated[str, Field(max_length=MAX_CHARACTERS)]
Texts = Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)]
ModelName = Annotated[
    str | None, Field(description="A name from /api/models; the default model if it is missing.")
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PredictRequest(_Request):
    """One `text`, or several `texts`."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["text"]}, {"required": ["texts"]}]}
    )

    text: Text | SkipJsonSchema[None] = None
    texts: Texts | SkipJsonSchema[None] = None
    model: ModelName = None

    @model_validator(mode="after")
    def _either_text_or_texts(self) -> "PredictRequest":
        given = {"text", "texts"} & self.model_fields_set
        if len(given) != 1 or (self.text is None and self.texts is None):
            raise ValueError('give either "text" or "texts"')
        return self

    @property
    def all_texts(self) -> list[str]:
        return [self.text] if self.text is not None else self.texts or []


class ExplainRequest(_Request):
    text: Text
    model: ModelName = None


class Prediction(BaseModel):
    """The prediction of a model with one label per text."""

    label: str
    probabilities: Annotated[
        list[float], Field(description="One per class; see `output` of the model.")
    ]


class MultilabelPrediction(BaseModel):
    """The prediction of a model that may give a text several labels, or none."""

    labels: Annotated[
        tuple[str, ...], Field(description="Those with a probability above 0.5, in class order.")
    ]
    probabilities: Annotated[list[float], Field(description="One per label.")]


class PredictAnswer(BaseModel):
    model: str
    classes: tuple[str, ...]
    answers: list[Prediction | MultilabelPrediction]


class Word(BaseModel):
    word: str
    known: Annotated[bool, Field(description="Whether the word is in the vocabulary.")]
    change: Annotated[
        float, Field(description="How this word changed the probability of the predicted class.")
    ]


class ExplainAnswer(BaseModel):
    """The prediction after each word of a text."""

    model: str
    classes: tuple[str, ...]
    answer: Annotated[int, Field(description="The index of the most probable class at the end.")]
    labels: Annotated[
        tuple[str, ...],
        Field(description="The predicted labels: one, or any number of a multi-label model."),
    ]
    not_read: Annotated[int, Field(description="Words that the model's maximum length cuts off.")]
    left_to_right: Annotated[
        bool, Field(description="Whether the network reads from the first word to the last.")
    ]
    words: list[Word]
    probabilities: Annotated[
        list[list[float]],
        Field(description="Before the first word and after each: one row more than words."),
    ]


class ServedModel(BaseModel):
    name: str
    recipe: str
    output: Annotated[
        Literal["softmax", "sigmoid"],
        Field(description="Probabilities add up to 1 with softmax; with sigmoid they need not."),
    ]
    classes: list[str]
    multilabel: bool  # a text may have several labels, or none
    ensemble: bool  # of several models
    parameters: int
    max_length: int
    left_to_right: bool
    test_accuracy: float | None
    test_interval: Interval | None
    data: str
    data_fingerprint: Annotated[str, Field(description="Equal for models of the same data.")]
    official_test: bool
    seed: int
    default: bool


class Models(BaseModel):
    models: list[ServedModel]
    loading: Annotated[
        bool, Field(description="Whether the folder is still being read after the start.")
    ]


class ExampleText(BaseModel):
    """A text to try a model on; without labels if it is invented."""

    text: str
    labels: tuple[str, ...] | None
    correct: Annotated[
        bool | None, Field(description="Whether the model predicts the labels; null without.")
    ]


class Examples(BaseModel):
    examples: list[ExampleText]


class MemberRow(BaseModel):
    """A member of an ensemble."""

    name: str
    kind: Literal["linear", "network"]
    weight: float
    models: int


Members = Annotated[
    list[MemberRow] | None,
    Field(description="Of an ensemble, which has no epochs; null for a single network."),
]


class RunRow(BaseModel):
    name: str
    recipe: str | None
    status: Status
    epochs_done: int
    epochs: int | None
    seed: int | None
    data: str | None
    test_accuracy: float | None
    test_interval: Interval | None
    val_accuracy: Annotated[
        float | None, Field(description="Of the last epoch; of an ensemble, cross-validated.")
    ]
    members: Members
    problem: str | None


class Runs(BaseModel):
    runs: list[RunRow]


class History(BaseModel):
    name: str
    status: Status
    epochs: int | None
    members: Members
    history: list[dict[str, Any]]


class Compared(BaseModel):
    """One of two runs in a comparison."""

    run: str
    label: str
    accuracy: float
    interval: Interval
    seed: int
    parameters: int


class Comparison(BaseModel):
    first: Compared
    second: Compared
    documents: int
    data: str
    official_test: bool
    difference: float
    interval: Interval
    p_value: float
    verdict: Literal["first_better", "second_better", "no_difference"]
    smallest_visible: float | None
    sentence: str
    scope: str


class Ticket(BaseModel):
    """Opens /report?ticket=… without the key, for a frame or a link."""

    ticket: str
    seconds: int


class Health(BaseModel):
    status: Literal["ok"]


class Problem(BaseModel):
    """`code` is one word for programs, `message` one line for people."""

    model_config = ConfigDict(extra="allow")

    code: str
    message: str


class Failure(BaseModel):
    error: Problem
