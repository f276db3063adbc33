"""The controls: one file each, found by the name that the policy gives. Copy a neighbour to add one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from fanlight.trust.policy import PolicyError, promises
from fanlight.trust.types import Control, Zone


@cache
def controls() -> Mapping[str, Control]:
    """Return every control by its promise, in the policy's order. Raises PolicyError for one that is another's."""
    found: dict[str, Control] = {}
    for promise in promises():
        if promise.control:
            control: Control = import_module(f"{__name__}.{promise.control}").CONTROL
            if control.promise != promise.id:
                raise PolicyError(f"{promise.control} proves {control.promise}, not {promise.id}")
            found[promise.id] = control
    return MappingProxyType(found)


def controls_of(zone: Zone) -> tuple[Control, ...]:
    """Return the controls that the process of this zone tries."""
    return tuple(control for control in controls().values() if control.zone is zone)
