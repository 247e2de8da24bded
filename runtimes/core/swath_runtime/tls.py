"""https: the certificate that a service is given, and asking oneself over it."""

import ssl

from swath_runtime.errors import SettingInvalid
from swath_runtime.settings import Settings


def check_certificate(settings: Settings) -> None:
    """Raises SettingInvalid where certificate and key are set and can't be served with."""
    if not settings.tls_certificate:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key, lambda: "")
    except ssl.SSLError:
        pair = f"{settings.tls_certificate} and {settings.tls_key}"
        reason = f"{pair} are no certificate and its key (PEM, without a password)"
        raise SettingInvalid("SWATH_TLS_CERTIFICATE and SWATH_TLS_KEY", reason) from None
    except OSError as error:
        reason = f"{settings.tls_certificate} or {settings.tls_key} can't be read ({error.strerror})"
        raise SettingInvalid("SWATH_TLS_CERTIFICATE and SWATH_TLS_KEY", reason) from None


def any_certificate() -> ssl.SSLContext:
    """For asking oneself, at an address that no certificate names; nothing secret is sent."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
