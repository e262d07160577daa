"""Data frames in and out, and bulk questions on their columns. Needs the extra `frames`."""

try:
    import narwhals as _narwhals  # noqa: F401
    import numpy as _numpy  # noqa: F401, ICN001 - no name of this package
    import polars as _polars  # noqa: F401, ICN001 - as above
except ImportError as error:
    message = "accountmerge.frames needs narwhals, polars and NumPy: pip install 'accountmerge[frames]'"
    raise ImportError(message) from error

from accountmerge.frames.row_frames import rows

__all__ = ["rows"]
