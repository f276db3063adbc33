"""What the portal's serving process loads: the application, in a process that does not outlive its parent."""

from __future__ import annotations

import logging
import threading
import time

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from fanlight.cli.children import end_with_parent
from fanlight.config.wsgi import application
from fanlight.foundation import clock
from fanlight.trust import services as trust
from fanlight.trust.types import Zone

FIRST_SECONDS, LOOK_SECONDS = 20.0, 60.0
_log = logging.getLogger("fanlight.portal")


def start() -> WSGIHandler:
    """Return the application, and from now on try the portal's controls in a thread of this process."""
    # A server that was killed would leave this process behind, holding the port.
    end_with_parent()
    threading.Thread(target=_keep_checking, name="controls", daemon=True).start()
    return application


def _keep_checking() -> None:
    # What the portal's role is kept from can only be tried as that role, and only here is a process that has it.
    time.sleep(FIRST_SECONDS)
    while True:
        try:
            trust.check_due(zone=Zone.PORTAL, now=clock.now())
        except Exception as error:
            _log.warning("the portal's controls could not be tried: %s", type(error).__name__)
        finally:
            connection.close()
        time.sleep(LOOK_SECONDS)
