"""Wiring: settings, addresses, start-up. No rule lives here."""
