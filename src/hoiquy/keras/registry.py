"""Finds objects of one kind by name, class, configuration, or themselves."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hoiquy.keras.configured import Configured
from hoiquy.keras.custom_objects import custom_object
from hoiquy.keras.errors import KerasError, NotSupportedError, unknown_name
from hoiquy.keras.names import snake_case

Maker = Callable[..., Any]


class Registry:
    """The objects of one kind, such as losses, by all their names."""

    def __init__(
        self,
        kind: str,
        base: type[Any] | tuple[type[Any], ...],
        classes: Iterable[type[Configured]],
        aliases: Mapping[str, Maker] | None = None,
        lower_case: bool = False,
        from_script: Maker | None = None,
    ) -> None:
        """Gather the names.

        Args:
            kind: Such as "loss", for errors.
            base: The class of the objects.
            classes: Found by their names, also in snake case.
            aliases: Other names: a class, or a function that is called without arguments, or an
                object, which is returned as it is.
            lower_case: Whether names are found in any case.
            from_script: Makes an object of a function, or an object with `__call__`, of the script.
        """
        self._kind, self._base, self._any_case = kind, base, lower_case
        self._from_script = from_script
        self._makers: dict[str, Any] = {}
        for one in classes:
            self._makers[one.__name__] = self._makers[snake_case(one.__name__)] = one
        self._makers |= aliases or {}
        if lower_case:
            self._makers |= {name.lower(): maker for name, maker in self._makers.items()}

    def find(self, name: str) -> Any:
        """The class, function or object of a name. Raises KerasError for an unknown one."""
        own = custom_object(name)
        if own is not None:
            return own if self._is_kind(own) else self._of_script(own)
        maker = self._makers.get(name)
        if maker is None and self._any_case:
            maker = self._makers.get(name.lower())
        if maker is None:
            raise unknown_name(self._kind, name, self._makers)
        return maker

    def get(self, identifier: Any) -> Any:
        """The object of a name, class or configuration; an object itself, and None, unchanged.

        Raises:
            KerasError: It is unknown.
            NotSupportedError: It is a function of the user.
        """
        if identifier is None or isinstance(identifier, self._base):
            return identifier
        if isinstance(identifier, str):
            found = self.find(identifier)
            return found() if inspect.isclass(found) else found
        if isinstance(identifier, Mapping):
            return self.deserialize(identifier)
        if self._is_kind(identifier):
            return identifier()
        if callable(identifier):
            return self._of_script(identifier)
        raise KerasError(f"{identifier!r} is not a {self._kind}; expected a name or an object")

    def _is_kind(self, found: Any) -> bool:
        return inspect.isclass(found) and issubclass(found, self._base)

    def _of_script(self, function: Any) -> Any:
        if self._from_script is not None and not inspect.isclass(function):
            return self._from_script(function)
        name = getattr(function, "__name__", repr(function))
        raise NotSupportedError(
            f"the {self._kind} {name} is a function or class of the script, which is not "
            f"supported; use one of {', '.join(self.short_names)}"
        )

    @property
    def short_names(self) -> list[str]:
        """The names of the classes, or all names where there are none."""
        classes = {maker.__name__ for maker in self._makers.values() if inspect.isclass(maker)}
        return sorted(classes or self._makers)

    def deserialize(self, config: Any) -> Any:
        """The object of a name, or of a configuration of Keras 2 or 3; None unchanged.

        Raises:
            KerasError: It is malformed, or its class is unknown.
        """
        if config is None or isinstance(config, str):
            return self.get(config)
        name = config.get("class_name") if isinstance(config, Mapping) else None
        settings = config.get("config", {}) if isinstance(config, Mapping) else None
        if name == "function" and isinstance(settings, str):
            return self.get(settings)
        if not isinstance(name, str) or not isinstance(settings, Mapping | None):
            shown = repr(config)[:80]
            raise KerasError(f"{shown} is not the configuration of a {self._kind}")
        registered = config.get("registered_name")
        found: Any = self.find(
            registered if custom_object(registered) is not None else name.removeprefix("Custom>")
        )
        make = getattr(found, "from_config", None) if inspect.isclass(found) else None
        return found if make is None else make(dict(settings or {}))
