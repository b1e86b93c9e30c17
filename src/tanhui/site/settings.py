"""Django's settings, by environment (``environment.py`` lists the variables). Nothing here is secret."""

from tanhui.site import environment, logins, scopes

TANHUI_MODE = environment.mode()
TANHUI_VAR = environment.var()
TANHUI_SECRETS = TANHUI_VAR / "secrets"
TANHUI_VAULT = environment.vault()
TANHUI_OPERATOR = environment.operator()
TANHUI_MAP = environment.base_map()
TANHUI_ADDRESS = environment.address()
TANHUI_LOG_ORIGIN = environment.log_origin()
TANHUI_METRICS_TOKEN = environment.text("TANHUI_METRICS_TOKEN")
TANHUI_FILES_URL = environment.text("TANHUI_FILES_URL")  # s3://bucket/prefix?…; without it a folder under TANHUI_VAR
TANHUI_CLAMD = environment.text("TANHUI_CLAMD")  # the virus scanner's address
TANHUI_SMS = environment.text("TANHUI_SMS", "tanhui.notices.outside.TextFolder")
PRODUCTION = TANHUI_MODE == "production"
DEMONSTRATION_LOGINS = None if PRODUCTION else logins.demonstration  # called when the log-in page is shown

SECRET_KEY = environment.secret("secret_key")
DEBUG = False
ALLOWED_HOSTS = environment.words("TANHUI_HOSTS") + ([] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
ROOT_URLCONF = "tanhui.site.urls"
WSGI_APPLICATION = "tanhui.site.wsgi.application"

# A room is an application as soon as it keeps rows or shows pages.
ROOMS = [
    "portal", "inclusion", "projects", "inventory", "registry", "library", "ledger", "files", "notices", "identity",
    "rulepacks", "journal", "ui",
]  # fmt: skip
INSTALLED_APPS = [
    *(
        f"tanhui.{room}"
        for room in ROOMS
        if (environment.ROOMS / room / "models.py").exists() or (environment.ROOMS / room / "templates").is_dir()
    ),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "allauth.idp.oidc",
    "django_htmx",
    "ninja",
    "pgtrigger",
    "procrastinate.contrib.django",
    "csp",
    "tanhui.site",
]
MIDDLEWARE = [
    "tanhui.site.requests.RequestLine",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "tanhui.ui.acting.Acting",
    "tanhui.site.sessions.Watch",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "tanhui.ui.context.frame",
            ]
        },
    }
]

# Threads keep their connection; one that died is noticed and replaced at the next request.
DATABASES = {
    "default": environment.django_database(environment.database_url())
    | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
}
FILE_UPLOAD_HANDLERS = [
    "tanhui.files.bounded.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""  # the worker asks each room's tasks.py itself

AUTH_USER_MODEL = "identity.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10 if PRODUCTION else 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "identity:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 12 * 3600  # seconds: a long working day
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in environment.words("TANHUI_HOSTS") if PRODUCTION]

# Who signs in, and how. Failed attempts are counted before a password is looked at, per name and per address, in the
# database: two processes cannot be played against each other, and an unknown name is locked like a known one.
TANHUI_SIGNUP = environment.choice("TANHUI_SIGNUP", "open", "closed", default="open")
TANHUI_SECOND_FACTOR = environment.choice(
    "TANHUI_SECOND_FACTOR", "required", "offered", default="required" if PRODUCTION else "offered"
)
TANHUI_IDLE = environment.number("TANHUI_IDLE", 30) * 60  # seconds
TANHUI_REAUTHENTICATE = environment.number("TANHUI_REAUTHENTICATE", 15) * 60  # seconds
TANHUI_PASSWORD_DAYS = environment.number("TANHUI_PASSWORD_DAYS", 90)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "rate_limits",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},  # nobody pushes out a lock by trying many names
    },
    # What each process remembers for some seconds (``ui.shared``): menus and public contents, some MB at most.
    "process": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "process",
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}
ACCOUNT_ADAPTER = "tanhui.identity.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "login": "tanhui.identity.forms.sign_in.LogIn",
    "signup": "tanhui.identity.forms.sign_in.SignUp",
    "change_password": "tanhui.identity.forms.sign_in.ChangePassword",
    "set_password": "tanhui.identity.forms.sign_in.SetPassword",
    "reset_password": "tanhui.identity.forms.sign_in.ForgottenPassword",
    "reset_password_from_key": "tanhui.identity.forms.sign_in.NewPassword",
    "reauthenticate": "tanhui.identity.forms.sign_in.Again",
    "add_email": "tanhui.identity.forms.sign_in.NewAddress",
    "confirm_email_verification_code": "tanhui.identity.forms.sign_in.Code",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # of whoever signs up; people an operator enrolled need no e-mail
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody can have us write to strangers
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of every change to how somebody signs in
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before the e-mail changes, by which a password can be set anew
ACCOUNT_REAUTHENTICATION_TIMEOUT = TANHUI_REAUTHENTICATE
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_RATE_LIMITS = {"login_failed": "30/15m/ip,5/15m/key", "reset_password": "10/h/ip,3/h/key", "signup": "10/h/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if environment.words("TANHUI_PROXY") == ["1"] else 0
MFA_ADAPTER = "tanhui.identity.adapters.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "tanhui.identity.forms.second_factor.Authenticate",
    "reauthenticate": "tanhui.identity.forms.second_factor.Again",
    "activate_totp": "tanhui.identity.forms.second_factor.ActivateApp",
    "add_webauthn": "tanhui.identity.forms.second_factor.AddKey",
    "edit_webauthn": "tanhui.identity.forms.second_factor.RenameKey",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_ALLOW_UNVERIFIED_EMAIL = True  # people an operator enrolled
MFA_TOTP_TOLERANCE = 1  # half a minute of a clock that goes wrong
SOCIALACCOUNT_ADAPTER = "tanhui.identity.adapters.Portals"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": environment.portals() or ([] if PRODUCTION else [logins.portal()])},
}
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
TANHUI_SCOPES = scopes.SCOPES
IDP_OIDC_ADAPTER = "tanhui.identity.adapters.Clients"
IDP_OIDC_PRIVATE_KEY = "" if PRODUCTION else logins.portal_key()
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 600  # seconds
IDP_OIDC_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
globals().update(environment.letters())

SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 86400 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.words("TANHUI_PROXY") == ["1"] else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = sorted(environment.ROOMS.glob("*/locale"))
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Collected files carry their hash in their name and stay cached for ever; tests read them where they lie.
STATIC_URL = "static/"
STATIC_ROOT = TANHUI_VAR / "static"
COLLECTED = environment.words("TANHUI_STATIC") != ["finders"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "tanhui.site.static.Storage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "tanhui.site.requests.Line"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},  # RequestLine already says each refusal in one line
        "procrastinate": {"level": "WARNING"},  # it tells each job twice
        "pyogrio": {"level": "WARNING"},  # it counts what it writes
    },
}
