"""Smooth random fields of any size, evaluated a strip of rows at a time.

A field is a sum of octaves; each is a grid of random numbers, interpolated between its nodes. Rows can be
asked for in any order and in strips of any height, and always come out the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OCTAVES = 4
PERSISTENCE = 0.5  # each octave has half the wavelength and half the height of the one before: a natural look


@dataclass(frozen=True)
class _Octave:
    """One grid; `columns` are its values interpolated to the scene's columns, (grid rows, width), float32."""

    columns: NDArray[np.float32]
    cell_px: float

    def rows(self, y: NDArray[np.float32]) -> NDArray[np.float32]:
        low, weight = _between(y / np.float32(self.cell_px), self.columns.shape[0])
        field = self.columns[low + 1]
        lower = self.columns[low]
        field -= lower
        field *= weight[:, None]
        field += lower
        return field


@dataclass(frozen=True)
class Noise:
    """A smooth random field over `width` × `height` pixels, values spread about evenly over 0–1."""

    octaves: tuple[_Octave, ...]

    @classmethod
    def make(cls, width: int, height: int, wavelength_px: float, seed: Sequence[int]) -> "Noise":
        """The field of that seed, whose largest features are about `wavelength_px` wide."""
        random = np.random.default_rng(list(seed))
        shares = [PERSISTENCE**i for i in range(OCTAVES)]
        return cls(tuple(_octave(width, height, wavelength_px * share, share, random) for share in shares))

    def rows(self, top: int, bottom: int) -> NDArray[np.float32]:
        """Rows top to bottom (exclusive), float32 (rows, width), 0–1; its edge repeats outside the field."""
        y = np.arange(top, bottom, dtype=np.float32)
        total = self.octaves[0].rows(y)
        for octave in self.octaves[1:]:
            total += octave.rows(y)
        return _even(total)


def _octave(width: int, height: int, cell_px: float, amplitude: float, random: np.random.Generator) -> _Octave:
    cell_px = max(cell_px, 2.0)
    grid_shape = (int(height / cell_px) + 2, int(width / cell_px) + 2)
    grid = random.standard_normal(grid_shape, np.float32) * np.float32(amplitude)
    low, weight = _between(np.arange(width, dtype=np.float32) / np.float32(cell_px), grid_shape[1])
    columns = grid[:, low] + (grid[:, low + 1] - grid[:, low]) * weight
    return _Octave(np.asarray(columns, np.float32), cell_px)


def _between(position: NDArray[np.float32], nodes: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The node before each position, and how far (0–1, eased) it is on the way to the next."""
    position = np.clip(position, 0, nodes - 1)
    low = np.minimum(position.astype(np.intp), nodes - 2)
    fraction = position - low.astype(np.float32)
    return low, np.asarray(fraction * fraction * (3 - 2 * fraction), np.float32)


def _even(normal: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bell-shaped values spread about evenly over 0–1, in place, by a logistic curve."""
    # Interpolation leaves about half of the variance of a grid. A logistic curve of 1.7 z lies within
    # 0.01 of the normal one (Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions, chapter 23).
    spread = np.sqrt(0.5 * sum(PERSISTENCE ** (2 * i) for i in range(OCTAVES)))
    normal *= np.float32(-1.7 / spread)
    np.exp(normal, out=normal)
    normal += 1
    np.reciprocal(normal, out=normal)
    return normal
