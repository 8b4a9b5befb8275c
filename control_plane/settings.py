"""Maps the configuration to Django's settings; it decides nothing and has no twins for development."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from control_plane.kernel.config import ConfigError, config

# Fields, managers and query sets take their types in brackets, at run time too.
django_stubs_ext.monkeypatch()
_config = config()
ROOT = Path(__file__).resolve().parent


def database_settings(url: str | None) -> dict[str, Any]:
    """Django's form of a PostgreSQL URL; without one, an entry that fails when it is first used."""
    try:
        parts = {key: value for key, value in conninfo_to_dict(url or "").items() if value is not None}
    except ProgrammingError as error:
        raise ConfigError(f"ORRERY_DATABASE_URL: {str(error).strip()}") from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "no-database-configured"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {**parts, "application_name": "orrery", "server_side_binding": False},
    }


def _present(*names: str) -> list[str]:
    return [name for name in names if find_spec(f"{name}.apps") is not None]


DEBUG = False
# Without a key only commands that sign nothing run: `orrery server` refuses to start.
SECRET_KEY = _config.secret_key.get_secret_value() if _config.secret_key else "unset"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "control_plane.urls"
WSGI_APPLICATION = "control_plane.wsgi.application"
ASGI_APPLICATION = "control_plane.asgi.application"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "rest_framework",
    "drf_spectacular",
    "channels",
    *_present(
        "control_plane.kernel",
        "audit",
        "tenants",
        "iam",
        "stores",
        "flows",
        "workers",
        "executions",
        "triggers",
        "governance",
        "control_plane",
    ),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "control_plane.kernel.api.errors.not_served_first",
]
APPEND_SLASH = False
# What the views of mozilla-django-oidc ask by; passwords and tokens are none of its business.
AUTHENTICATION_BACKENDS = ["iam.sso.oidc.backend.ProviderBackend"]
OIDC_MAX_STATES = 4
DATABASES = {"default": database_settings(_config.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "/ui/"

# A file of a form goes to disk beyond this, so that many at once fill no memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = _config.limits.body_bytes
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# What django-scim2 asks of its host: what a client must show is the token of its integration.
SCIM_SERVICE_PROVIDER: dict[str, Any] = {
    "NETLOC": urlsplit(_config.origin).netloc,
    "SCHEME": urlsplit(_config.origin).scheme,
    "AUTHENTICATION_SCHEMES": [
        {
            "type": "oauthbearertoken",
            "name": "Token of the integration",
            "description": "Authorization: Bearer, with the token that was shown when the integration was made",
            "primary": True,
        }
    ],
}

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "control_plane.kernel.api.openapi.OurSchema",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Orrery",
    "VERSION": "2.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],
    "DEFAULT_GENERATOR_CLASS": "control_plane.kernel.api.openapi.OurGenerator",
}

_FORMATS = {
    "text": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    "json": {"()": "control_plane.log_format.JsonFormatter"},
}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": _FORMATS,
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": _config.log_format}},
    "root": {"handlers": ["stderr"], "level": _config.log_level},
    "loggers": {"django.request": {"level": "ERROR"}},
}
