"""What is wrong with values is said in plain words, without pydantic's."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, Field

from etl.errors import ConfigError
from etl.validation import validated


class Boat(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    masts: Annotated[int, Field(ge=1, le=5)] = 1


class Fleet(BaseModel):
    model_config = ConfigDict(extra="forbid")

    port: str = "Port Orla"
    boats: tuple[Boat, ...] = ()


@dataclass(frozen=True)
class Voyage:
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    days: int = field(default=1, metadata={"ge": 1})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"port": 5}, "port must be text"),
        ({"boats": 5}, "boats must be a list"),
        ({"boats": ["Tern"]}, "boats.0 must be a table of keys and values"),
        ({"boats": [{}]}, "boats.0.name is missing"),
        ({"boats": [{"name": ""}]}, "boats.0.name must not be empty"),
        ({"boats": [{"name": "Tern", "masts": "many"}]}, "boats.0.masts must be a whole number"),
        ({"boats": [{"name": "Tern", "masts": 9}]}, "boats.0.masts must be at most 5"),
        ({"boats": [{"name": "Tern", "mast": 2}]}, "boats.0.mast is no key; did you mean masts?"),
        ({"quay": 1, "port": 2}, "port must be text; quay is no key; there are: port, boats"),
    ],
)
def test_a_problem_is_a_sentence_that_names_the_key(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as refused:
        validated(Fleet, fields, "fleet.toml")
    assert str(refused.value) == f"fleet.toml: {problem}"


def test_a_dataclass_is_validated_by_its_metadata() -> None:
    assert validated(Voyage, {"days": "3"}, "voyage") == Voyage(3)
    with pytest.raises(ConfigError, match=r"voyage: days must be at least 1; day is no key; did you mean days[?]"):
        validated(Voyage, {"days": 0, "day": 2}, "voyage")
