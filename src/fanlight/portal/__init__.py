"""The pages. No rule lives here: views ask services and queries, templates print."""
