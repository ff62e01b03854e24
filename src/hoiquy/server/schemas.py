"""The bodies of requests and answers; the OpenAPI description is made of them.

What is asked for most is a TypedDict: making an object of it first would take longer than to write
it down.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import TypedDict  # what pydantic reads before Python 3.12

from hoiquy.server.limits import MAX_CHARACTERS, MAX_TEXTS

Status = Literal["training", "complete", "interrupted", "untested", "damaged"]
Interval = tuple[float, float]
# The bounds are in the description only: what is beyond them has an error of its own.
Text = Annotated[str, Field(json_schema_extra={"maxLength": MAX_CHARACTERS})]
Texts = Annotated[list[Text], Field(json_schema_extra={"minItems": 1, "maxItems": MAX_TEXTS})]
ModelName = Annotated[
    str | None, Field(description="A name of /api/models; the default model without it.")
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
    def _one_of_both(self) -> "PredictRequest":
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


class Answer(TypedDict):
    label: str
    probabilities: Annotated[
        list[float], Field(description="One a class; see `output` of the model.")
    ]


class SeveralLabels(TypedDict):
    """The answer of a model that may give a text several labels, or none."""

    labels: Annotated[
        tuple[str, ...], Field(description="Those with a probability above 0.5, in class order.")
    ]
    probabilities: Annotated[list[float], Field(description="One a label.")]


class PredictAnswer(TypedDict):
    model: str
    classes: tuple[str, ...]
    answers: list[Answer | SeveralLabels]


class Word(TypedDict):
    word: str
    known: bool
    change: Annotated[float, Field(description="Of the answer's probability, by this word.")]


class ExplainAnswer(TypedDict):
    """How an answer came about, word by word."""

    model: str
    classes: tuple[str, ...]
    answer: Annotated[
        int, Field(description="The number of the class that is most probable at the end.")
    ]
    labels: Annotated[
        tuple[str, ...],
        Field(description="What is predicted: one label, or any number of a multi-label model."),
    ]
    not_read: Annotated[int, Field(description="Words that the network's length cuts off.")]
    left_to_right: Annotated[
        bool, Field(description="Whether the network reads in the order of the words.")
    ]
    words: list[Word]
    probabilities: Annotated[
        list[list[float]],
        Field(description="Before the first word and after each: a row more than words."),
    ]


class ServedModel(BaseModel):
    name: str
    recipe: str
    output: Annotated[
        Literal["softmax", "sigmoid"],
        Field(description="A softmax's probabilities add up to 1; sigmoids' need not."),
    ]
    classes: list[str]
    multilabel: bool  # a text may have several labels, or none
    parameters: int
    max_length: int
    left_to_right: bool
    test_accuracy: float | None
    test_interval: Interval | None
    data: str
    official_test: bool
    seed: int
    default: bool


class Models(BaseModel):
    models: list[ServedModel]


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
    val_accuracy: float | None
    problem: str | None


class Runs(BaseModel):
    runs: list[RunRow]


class History(BaseModel):
    name: str
    status: Status
    epochs: int | None
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
    """Opens /report?ticket=… for a while where a key is set, for a frame or a link."""

    ticket: str
    seconds: int


class Health(BaseModel):
    status: Literal["ok"]


class Problem(BaseModel):
    model_config = ConfigDict(extra="allow")

    code: str
    message: str


class Failure(BaseModel):
    error: Problem
