"""The views, a file for each part of the portal."""
