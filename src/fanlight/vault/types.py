"""Plain data of the vault, and its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fanlight.audit.types import Event


class RootKey:
    """The worker's root key: 32 bytes that cannot be printed or pickled."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def reveal(self) -> bytes:
        """Return the bytes. Call it only in the argument list of `foundation.sealing`."""
        return self._key

    def __repr__(self) -> str:
        return "RootKey(hidden)"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("a RootKey is not to be pickled")


@dataclass(frozen=True, slots=True)
class CredentialSealed(Event):
    kind = "credential.sealed"
    integration: str
    field: str
    key_version: int
