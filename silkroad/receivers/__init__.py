"""Receivers: from the files they write to satellites, corrections and fixes.

`rinex` reads observations, `messages` broadcast ephemerides, `nmea` logs; `satellites` says where a
satellite was and what its clock showed; `sky` puts both together, and `single_point` makes fixes.
Times are GPS time as stamped, lengths metres, places Earth-fixed.
"""

from silkroad.receivers.messages import ephemerides, klobuchar
from silkroad.receivers.nmea import nmea
from silkroad.receivers.rinex import Recording, heard, observations, recording
from silkroad.receivers.satellites import states
from silkroad.receivers.single_point import fixes, residuals
from silkroad.receivers.sky import left_out

__all__ = [
    "Recording",
    "ephemerides",
    "fixes",
    "heard",
    "klobuchar",
    "left_out",
    "nmea",
    "observations",
    "recording",
    "residuals",
    "states",
]
