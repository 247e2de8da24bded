"""How pixels lie on the ground where no affine transform says it: control points, rational polynomials."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GroundControlPoint:
    """A pixel whose place on the ground is known.

    Attributes:
        row, column: in the image, px from the outer corner of the top left pixel; may lie between pixels.
        x, y: the place, in units of the image's `gcp_crs`, x before y (easting before northing).
        z: height, in units of `gcp_crs`.
        id: what the point is called.
    """

    row: float
    column: float
    x: float
    y: float
    z: float = 0.0
    id: str = ""


@dataclass(frozen=True)
class Rpcs:
    """Rational polynomial coefficients: longitude, latitude and height -> line and sample of a raw image.

    Attributes:
        height_off, height_scale: metres above the WGS 84 ellipsoid.
        lat_off, lat_scale, long_off, long_scale: degrees, WGS 84.
        line_off, line_scale, samp_off, samp_scale: px.
        line_num_coeff, line_den_coeff, samp_num_coeff, samp_den_coeff: 20 each, in the order of RPC00B.
        err_bias, err_rand: root mean square error, metres; None if unknown.

    Source: STDI-0002, appendix E (RPC00B).
    """

    height_off: float
    height_scale: float
    lat_off: float
    lat_scale: float
    long_off: float
    long_scale: float
    line_off: float
    line_scale: float
    samp_off: float
    samp_scale: float
    line_num_coeff: tuple[float, ...]
    line_den_coeff: tuple[float, ...]
    samp_num_coeff: tuple[float, ...]
    samp_den_coeff: tuple[float, ...]
    err_bias: float | None = None
    err_rand: float | None = None

    def __post_init__(self) -> None:
        for name in POLYNOMIALS:
            if len(getattr(self, name)) != TERMS:
                raise ValueError(f"{name} has {len(getattr(self, name))} coefficients; RPC00B has {TERMS}.")


POLYNOMIALS = ("line_num_coeff", "line_den_coeff", "samp_num_coeff", "samp_den_coeff")
TERMS = 20
