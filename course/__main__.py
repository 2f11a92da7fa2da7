"""`python -m course` makes what each kernel would make for itself: see `helpers.kept`."""

from course import globe, place
from helpers import figures, live

figures.svg()
live.MapParts.of_this_kernel()
place.Choice()
globe.land()
