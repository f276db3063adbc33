"""Sealed credentials and their keys: everybody may seal, only the worker can open."""
