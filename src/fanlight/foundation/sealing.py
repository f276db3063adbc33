"""Cryptography, wrapped once: sealing to a public key, and wrapping a private key with the root key.

HPKE (RFC 9180) with the hybrid post-quantum suite MLKEM768_X25519, HKDF-SHA256, AES-256-GCM: who holds the public
key can seal and not open. What a blob belongs to goes into HPKE's `info`, so that one moved elsewhere does not open.
"""

from __future__ import annotations

import hashlib
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fanlight.core.errors import FanlightError

SUITE_NAME: Final = "MLKEM768_X25519/HKDF_SHA256/AES_256_GCM"
ROOT_KEY_BYTES: Final = 32
_MLKEM_SEED_BYTES: Final = 64
_MLKEM_PUBLIC_BYTES: Final = 1184
_X25519_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class DoesNotOpen(FanlightError):
    """A sealed or wrapped blob is not what it claims to be, or belongs elsewhere."""


def _suite() -> Suite:
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_key_pair() -> tuple[bytes, bytes]:
    """Return a new private key (96 bytes: ML-KEM seed, X25519) and its public key (1,216 bytes)."""
    mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    private = mlkem.private_bytes_raw() + x25519.private_bytes_raw()
    public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    return private, public


def seal(plaintext: bytes, public_key: bytes, info: bytes) -> bytes:
    """Seal a plaintext to a public key. info: what it belongs to; opening needs the same bytes.

    Raises ValueError when the public key has the wrong length.
    """
    if len(public_key) != _MLKEM_PUBLIC_BYTES + _X25519_BYTES:
        raise ValueError("a public key of this suite has 1,216 bytes")
    key = MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public_key[:_MLKEM_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(public_key[_MLKEM_PUBLIC_BYTES:]),
    )
    return _suite().encrypt(plaintext, key, info)


def unseal(blob: bytes, private_key: bytes, info: bytes) -> bytes:
    """Open what `seal` made. Raises DoesNotOpen for another key, another info, or a changed blob."""
    key = MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(private_key[:_MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(private_key[_MLKEM_SEED_BYTES:]),
    )
    try:
        return _suite().decrypt(blob, key, info)
    except (InvalidTag, ValueError) as error:
        raise DoesNotOpen(
            code="vault.does_not_open",
            detail="The sealed credential does not open: it was changed, or made for another place.",
            remedy="Enter the credential again.",
        ) from error


def new_root_key() -> bytes:
    """Return 32 random bytes."""
    return os.urandom(ROOT_KEY_BYTES)


def root_key_id(root_key: bytes) -> str:
    """Return a name for a root key that tells nothing about it: 16 hex digits of a hash with its own prefix."""
    return hashlib.sha256(b"fanlight root key id\x00" + root_key).hexdigest()[:16]


def derive_key(root_key: bytes, info: bytes) -> bytes:
    """Return 32 bytes that only who holds the root key can make again (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=ROOT_KEY_BYTES, salt=None, info=info).derive(root_key)


def wrap(private_key: bytes, root_key: bytes, info: bytes) -> bytes:
    """Encrypt a private key with the root key (AES-256-GCM, random nonce in front, info authenticated)."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(root_key).encrypt(nonce, private_key, info)


def unwrap(wrapped: bytes, root_key: bytes, info: bytes) -> bytes:
    """Decrypt what `wrap` made. Raises DoesNotOpen."""
    try:
        return AESGCM(root_key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], info)
    except (InvalidTag, ValueError) as error:
        raise DoesNotOpen(
            code="vault.root_key",
            detail="The organization's key does not open with this root key.",
            remedy="Check that FANLIGHT_ROOT_KEY_FILE names the key that this installation began with.",
        ) from error
