"""The portal's settings with another page."""

from fanlight.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.bare"
