"""Validate values with pydantic, and say in plain words what is wrong with them."""

import dataclasses
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from etl.errors import ConfigError

#: A pydantic model, or a dataclass whose metadata has the constraints of its fields by pydantic's names.
Model = TypeVar("Model")

#: What is wrong, by pydantic's type of the error; pydantic's own message for other types. Braces refer to the error's context.
WORDS = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "mapping_type": "must be a table of keys and values",
    "model_type": "must be a table of keys and values",
    "path_type": "must be a path",
    "date_from_datetime_parsing": "must be a date such as 2031-04-02",
    "date_parsing": "must be a date such as 2031-04-02",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "has a form that is not allowed (it must match {pattern})",
    "json_invalid": "is not valid JSON ({error})",
}
#: Pydantic's types of the error of a key that a model, or a dataclass, does not have.
UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def validated(model: type[Model], fields: Mapping[str, object], where: str) -> Model:
    """A model with these fields.

    Raises:
        ConfigError: when they are not valid. The message names ``where`` they are, each field and what is wrong with it.
    """
    try:
        return TypeAdapter(model).validate_python(fields)
    except ValidationError as error:
        raise ConfigError(f"{where}: {problems(model, error)}") from None


def problems(model: type, error: ValidationError) -> str:
    """What is wrong with the fields of a model, on one line."""
    return "; ".join(
        _problem(model, each["loc"], each["type"], each["msg"], each.get("ctx", {})) for each in error.errors()
    )


def _problem(model: type, place: tuple[int | str, ...], kind: str, message: str, context: Mapping[str, Any]) -> str:
    key = ".".join(map(str, place))
    if kind in WORDS:
        return f"{key} {WORDS[kind].format(**context)}".strip()
    if kind not in UNKNOWN:
        return ": ".join(filter(None, [key, message.removeprefix("Value error, ")]))
    known = list(_fields(_model_at(model, place[:-1])))
    near = get_close_matches(str(place[-1]), known, 1)
    return f"{key} is no key; {f'did you mean {near[0]}?' if near else 'there are: ' + ', '.join(known)}"


def _model_at(model: type, place: tuple[int | str, ...]) -> type:
    """The model of the values at a place in a model, such as ``("source", 0)``: that of a field, or of a list in it."""
    for name in (name for name in place if isinstance(name, str)):
        type_ = _fields(model)[name]
        model = next(each for each in (type_, *get_args(type_)) if isinstance(each, type) and _is_model(each))
    return model


def _is_model(type_: type) -> bool:
    return issubclass(type_, BaseModel) or dataclasses.is_dataclass(type_)


def _fields(model: type) -> dict[str, Any]:
    """The fields of a model, with their types."""
    types = get_type_hints(model)
    if issubclass(model, BaseModel):
        return {name: types[name] for name in model.model_fields}
    return {field.name: types[field.name] for field in dataclasses.fields(model)}  # type: ignore[arg-type]  # else a dataclass
