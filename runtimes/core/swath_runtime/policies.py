"""What the settings let a caller's images be, and where they may come from."""

from pathlib import Path

from swath_converters.access.accounts import gs_from_environ, s3_from_environ
from swath_converters.policy import Policy
from swath_runtime.errors import SettingInvalid
from swath_runtime.settings import Settings


def policy_of(settings: Settings) -> Policy:
    """The policy of these settings; SettingInvalid where they disagree."""
    try:
        return Policy(
            max_pixels=settings.max_pixels,
            max_bands=settings.max_bands,
            max_decoded_bytes=settings.max_decoded_bytes,
            max_encoded_bytes=settings.max_fetch_bytes,
            decode_timeout_s=settings.decode_timeout_seconds,
            schemes=frozenset({"file"} if settings.file_roots else ()) | frozenset(settings.url_schemes),
            roots=settings.file_roots,
            hosts=settings.url_hosts,
            networks=settings.url_networks,
            buckets=settings.url_buckets,
            output_prefixes=settings.output_prefixes,
            s3=s3_from_environ(),
            gs=gs_from_environ(),
            connect_timeout_s=settings.fetch_connect_seconds,
            read_timeout_s=settings.fetch_read_seconds,
            fetch_timeout_s=settings.fetch_timeout_seconds,
            ca_file=Path(settings.fetch_ca_file) if settings.fetch_ca_file else None,
        )
    except ValueError as error:
        raise SettingInvalid("SWATH_URL_* or SWATH_OUTPUT_PREFIXES", str(error)) from None
