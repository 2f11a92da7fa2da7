"""The computed claim of lesson 03: how high a satellite that stands still must fly."""

from helpers import data, orbits
from helpers.claims import computes

SAID_KM = 35000


@computes("C116")
def about_35000_km():
    """Confirmed when the height that Kepler's third law gives for one turn in a sidereal day, and
    the mean height of each Tiantong-1 satellite from its elements, lie within 5 % of 35,000 km.

    We read "about" as 5 %. Disputed when only one of the two does, inaccurate when neither does.
    """
    model = orbits.geostationary_height_km()
    elements = data.load("elements")
    flown = elements[elements["name"].str.contains("TIANTONG")]
    axis = orbits.semi_major_axis_km(flown["mean_motion_rev_per_day"])
    heights = axis - orbits.EQUATOR_KM
    fits = [abs(height / SAID_KM - 1) <= 0.05 for height in (model, heights.min(), heights.max())]
    parts = int(fits[0]) + int(fits[1] and fits[2])
    return (
        ("inaccurate", "disputed", "confirmed")[parts],
        f"Kepler's third law gives {model:,.0f} km, {100 * abs(model / SAID_KM - 1):.1f} % from "
        f"35,000 km; {len(flown)} Tiantong-1 satellites fly at {heights.min():,.0f} to "
        f"{heights.max():,.0f} km.",
        {
            "height from Kepler's third law, km": round(float(model)),
            "difference from 35,000 km, %": round(100 * (float(model) / SAID_KM - 1), 1),
            "Tiantong-1 satellites in the elements": len(flown),
            "lowest of their mean heights, km": round(float(heights.min())),
            "highest of their mean heights, km": round(float(heights.max())),
        },
    )
