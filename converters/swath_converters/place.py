"""Bytes that are written where they will stay."""

import ctypes

from .parts import Buffer


class Place:
    """Bytes made before they are known, and filled while nobody else has seen them.

    This is what the C API is for (`PyBytes_FromStringAndSize` of NULL). Python itself can only copy what it collected
    in a bytearray, which it fills with zeros first: some 9 ms for 33 MB.

    Attributes:
        content: the bytes; what was not put is whatever the memory held, so they are shown only when all of it was.
    """

    def __init__(self, size: int) -> None:
        self.content: bytes = _make_bytes(None, size)
        self._address = _address_of(self.content)

    def put(self, offset: int, chunk: Buffer) -> None:
        """Fill in a chunk, which must end within the size."""
        ctypes.memmove(self._address + offset, chunk if isinstance(chunk, bytes) else bytes(chunk), len(chunk))

    def room(self, offset: int, size: int) -> memoryview:
        """That part of the content, to be written to."""
        return memoryview((ctypes.c_char * size).from_address(self._address + offset)).cast("B")


_make_bytes = ctypes.pythonapi.PyBytes_FromStringAndSize
_make_bytes.restype, _make_bytes.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_ssize_t)
_address_of = ctypes.pythonapi.PyBytes_AsString
_address_of.restype, _address_of.argtypes = ctypes.c_void_p, (ctypes.py_object,)
