"""Results by reference: put whole, or not at all, below a prefix that the policy allows."""

import contextlib
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .access.fetching import code_of
from .access.local import local_path
from .access.objects import locate_object
from .access.session import Session
from .errors import AccessDenied, FetchFailed, SchemeDenied, StoreFailed
from .memory import Image
from .parts import Buffer
from .policy import WRITABLE_SCHEMES, Policy


@dataclass(frozen=True)
class Stored:
    """A result that stands where it was asked for.

    Attributes:
        uri: where.
        media_type: what it is.
        size_bytes: how long it is.
        sha256: of its bytes, hexadecimal.
    """

    uri: str
    media_type: str
    size_bytes: int
    sha256: str

    def as_image(self) -> dict[str, Any]:
        """What stands for it in JSON: a value of the type `image`; whoever reads it sees any change of the file."""
        return {"href": self.uri, "mediaType": self.media_type, "sizeBytes": self.size_bytes, "sha256": self.sha256}


def put(content: Image | Buffer, uri: str, policy: Policy, *, media_type: str = "image/tiff") -> Stored:
    """Put an image, or bytes as they are, where a URI says; what stood there before is replaced at once.

    Args:
        content: an `Image` is encoded first; bytes are not looked at.
        uri: `file:///…`, `s3://…` or `gs://…` below one of `policy.output_prefixes`. Missing folders are made.
        policy: what may be written to, with the credentials and times (`fetch_timeout_s` for the whole of it).
        media_type: of the result; what an image is encoded as.

    Raises:
        AccessDenied: the URI is below no allowed prefix, or a link leads there.
        MediaTypeUnsupported, CannotEncode: as `encode_image`.
        StoreFailed: it could not be written; what stood there before is untouched.
    """
    scheme = uri.partition(":")[0].lower()
    if scheme not in {prefix.partition(":")[0] for prefix in policy.output_prefixes} & WRITABLE_SCHEMES:
        raise SchemeDenied(scheme, sorted({prefix.partition(":")[0] for prefix in policy.output_prefixes}))
    data = _encoded(content, media_type)
    if scheme == "file":
        _put_file(data, uri, policy)
    else:
        _put_object(data, uri, policy, media_type)
    return Stored(uri, media_type, memoryview(data).nbytes, hashlib.sha256(data).hexdigest())


def _encoded(content: Image | Buffer, media_type: str) -> Buffer:
    if not isinstance(content, Image):
        return content
    from .image import encode_image  # loads GDAL

    return encode_image(content, media_type)


def _put_object(data: Buffer, uri: str, policy: Policy, media_type: str) -> None:
    """One PUT: the stores make an object visible when all its bytes, of the declared length and hash, are there."""
    session = Session(locate_object(uri, policy.output_prefixes, policy), policy)
    try:
        with session.put(data, {"Content-Type": media_type}) as answer:
            if answer.status not in (200, 201):
                raise StoreFailed(
                    f"{answer.location.origin} did not take the result (HTTP {answer.status}{code_of(answer)}).",
                    hint="Check bucket, region and permissions, or ask for the result in the answer itself.",
                )
    except FetchFailed as error:
        raise StoreFailed(
            f"{error.where} did not take the result: {error.reason}.",
            hint="Try again, or ask for the result in the answer itself.",
        ) from None


def _put_file(data: Buffer, uri: str, policy: Policy) -> None:
    folder, names = _place(uri, policy)
    try:
        with _folder_below(folder, names[:-1]) as descriptor:
            _replace(descriptor, names[-1], data)
    except OSError as error:
        raise StoreFailed(
            f"The result could not be written: {os.strerror(error.errno or 0)}.",
            hint="Choose another name, or tell the operator; or ask for the result in the answer itself.",
        ) from None


def _place(uri: str, policy: Policy) -> tuple[Path, tuple[str, ...]]:
    """The operator's folder, and what is below it: folders and the file's name."""
    folders = [local_path(prefix) for prefix in policy.output_prefixes if prefix.startswith("file:")]
    with contextlib.suppress(ValueError):
        path = local_path(uri)
        is_plain = path.is_absolute() and ".." not in path.parts and "\0" not in str(path)
        folder = next((one for one in folders if path.is_relative_to(one) and path != one), None)
        if folder and is_plain and not uri.endswith("/"):
            return folder, path.relative_to(folder).parts
    raise AccessDenied(
        "The file: URI names no place that may be written here.",
        hint="It must be file:///… with a path below a folder that the operator allows for results.",
    )


@contextlib.contextmanager
def _folder_below(folder: Path, names: tuple[str, ...]) -> Generator[int, None, None]:
    """A descriptor of the folder that `names` lead to, made where it is missing; no link is followed on the way."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in names:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=descriptor)
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _replace(folder: int, name: str, data: Buffer) -> None:
    """Write under another name, then rename: nobody sees a part of it, and a link at `name` is not followed."""
    _check_replaceable(folder, name)
    temporary = f".swath-{secrets.token_hex(8)}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(temporary, flags, 0o666, dir_fd=folder), "wb", buffering=0) as file:
            left = memoryview(data).cast("B")
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


def _check_replaceable(folder: int, name: str) -> None:
    """Only files and links are replaced: not a device, pipe or folder that the operator put there."""
    with contextlib.suppress(FileNotFoundError):
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
