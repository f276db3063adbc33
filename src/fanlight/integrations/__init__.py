"""An organization's configured sources: their settings, and what a test of them said."""
