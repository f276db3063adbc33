"""What happened: append-only, typed, canonically encoded, without a gap in its numbers."""
