"""`python -m course.receiver OBS [NAV]`."""

import sys

from course.receiver import main

sys.exit(main())
