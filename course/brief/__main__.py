"""`python -m course.brief PAK --out briefs`."""

import sys

from course.brief import main

sys.exit(main())
