"""The burns of lesson 09: what is left of a satellite that changes its speed."""

import numpy as np
import pandas as pd

from helpers import charts
from silkroad import launch

SATELLITE_ISP_S = 315  # our assumption for a satellite's engine, as the lesson says
LOOKS = {"arrives": ("blue", ""), "burnt": ("orange", "//")}
MOST_M_S = 4000


def burnt(delta_v_m_s):
    """Return (chart, sentence) of the kg of 100 that a change of speed burns and leaves."""
    left_kg = 100 * float(launch.mass_ratio(delta_v_m_s, SATELLITE_ISP_S))
    parts = pd.DataFrame({"part": list(LOOKS), "kg": [left_kg, 100 - left_kg], "of": "of 100 kg"})
    parts["says"] = parts["kg"].map("{:.0f} kg".format)
    curve = pd.DataFrame({"delta_v": np.linspace(0, MOST_M_S, 81)})
    curve["kg"] = 100 * launch.mass_ratio(curve["delta_v"], SATELLITE_ISP_S)
    here = pd.DataFrame({"delta_v": [delta_v_m_s], "kg": [left_kg]})
    chart = charts.draw(
        [charts.bars(parts, x="of", y="kg", color="part", styles=LOOKS, text="says")],
        [
            charts.lines(curve, x="delta_v", y="kg", show=None),
            charts.dots(here, x="delta_v", y="kg", color="black", size=9, show=None),
        ],
        name="Fuel against speed",
        title=["What becomes of 100 kg", "What is left, kg of 100"],
        x=["", "change of speed, m/s"],
        y=["kg", ""],
        xlim=[None, (0, MOST_M_S)],
        ylim=(0, 100),
        widths=(1, 2.2),
        height=1.8,
        table=parts[["part", "kg"]].round(1),
    )
    return chart, (
        f"A change of speed by {delta_v_m_s:,} m/s burns {100 - left_kg:.0f} of 100 kg and leaves "
        f"{left_kg:.0f}. The same change once more would leave {left_kg:.0f} % of these: "
        f"{left_kg**2 / 100:.0f} kg."
    )
