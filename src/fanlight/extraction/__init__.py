"""A run: lease the secret, connect, stream, merge, keep the ledger, report."""
