"""The workshop: what makes, prints, measures and checks the course. No lesson needs it.

Whatever it makes of the lessons has no place in it that somebody chose (`course.place`), and no
kernel that it starts reads one.
"""

import os

os.environ["SILKROAD_PLACE"] = "none"
