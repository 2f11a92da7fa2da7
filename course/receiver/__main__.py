"""`python -m course.receiver OBS [NAV]`."""

import sys

from course.receiver import command

sys.exit(command())
