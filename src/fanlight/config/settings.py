"""Django's settings, from the table in `config.environment`. Each process connects with a database role of its own."""

from __future__ import annotations

import secrets
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from fanlight.config import environment

DEBUG = False
# Only the portal is given a key; the other processes sign nothing and get one that dies with them.
SECRET_KEY = environment.read("FANLIGHT_SECRET_KEY") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = [environment.read("FANLIGHT_HOST"), "localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "fanlight.config.urls"
WSGI_APPLICATION = "fanlight.config.wsgi.application"
AUTH_USER_MODEL = "organizations.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "procrastinate.contrib.django",
    "fanlight.tenancy",
    "fanlight.audit",
    "fanlight.organizations",
    "fanlight.vault",
    "fanlight.integrations",
    "fanlight.catalog",
    "fanlight.extraction",
    "fanlight.discovery",
    "fanlight.trust",
    "fanlight.portal",
]

MIDDLEWARE = [
    "fanlight.portal.edge.EdgeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fanlight.portal.errors.ErrorPagesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "fanlight.portal.frame.frame",
            ],
            "builtins": ["fanlight.portal.templatetags.say"],
        },
    }
]


def database_from_url(url: str) -> dict[str, Any]:
    """Return Django's database settings for a libpq URL; an empty URL gives one that cannot connect."""
    parts = conninfo_to_dict(url) if url else {"host": "/nonexistent", "dbname": "fanlight"}
    options = {
        name: value
        for name, value in parts.items()
        if name not in {"user", "password", "host", "port", "dbname"}
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "fanlight"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port") or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": database_from_url(environment.read("FANLIGHT_DATABASE_URL"))}

SESSION_ENGINE = "fanlight.organizations.sessions"
SESSION_COOKIE_NAME = "__Host-fanlight"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_NAME = "__Host-fanlight-form"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "fanlight.portal.errors.form_expired"
CSRF_TRUSTED_ORIGINS: list[str] = []
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
FILE_UPLOAD_HANDLERS: list[str] = []

STATIC_URL = "/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_ROOT = environment.home() / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Only the worker loads what jobs need; everybody else just writes the job's row.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
PROCRASTINATE_IMPORT_PATHS = [
    "fanlight.foundation.stalled",
    "fanlight.extraction.jobs",
    "fanlight.trust.jobs",
]
PROCRASTINATE_ON_APP_READY = None

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "fanlight": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        # It tells of each text that it does not take apart; the locks refuse those.
        "sqlglot": {"level": "ERROR"},
    },
}

FANLIGHT_HOME = environment.home()
FANLIGHT_ROOT_KEY = environment.read("FANLIGHT_ROOT_KEY")
