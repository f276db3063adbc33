"""What the portal's serving process loads: the application, in a process that does not outlive its parent."""

from __future__ import annotations

from fanlight.cli.children import end_with_parent

# A server that was killed would leave this process behind, holding the port.
end_with_parent()

from fanlight.config.wsgi import application  # noqa: E402 - only now

__all__ = ["application"]
