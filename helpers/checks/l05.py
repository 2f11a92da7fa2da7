"""Checks of the claims of lesson 05."""

import pandas as pd

from helpers import constellations, data, orbits
from helpers.claims import computes
from helpers.scenes import fixes


@computes("C093")
def an_end_of_reliance():
    """Two halves: can BeiDou stand alone, and does it in use?

    It can, if fixes with BeiDou-3 alone meet 9 m and 10 m at 95 % in every partner capital, over
    a day, in the open, with the error budget of lesson 05. It does, if terminals made for BeiDou
    are half or more of the devices that can use it (table gnss_market, latest year with both);
    that is a most generous count, as such a terminal may use other systems too. Both halves:
    confirmed. It can but does not: disputed. It cannot: inaccurate.
    """
    times = pd.date_range(data.snapshot().floor("D"), periods=288, freq="5min")
    alone = {"BDS-3": orbits.positions(constellations.flying("BDS-3"), times)}
    sizes = fixes.accuracies(fixes.partner_capitals(), alone)
    met = int((sizes <= list(fixes.limits_m().values())).all(axis=1).sum())
    can = met == len(sizes)

    market = data.load("gnss_market").pivot_table(values="value", index="year", columns="metric")
    counted = market[["china_beidou_terminals_in_use", "china_bds_compatible_devices"]].dropna()
    terminals, devices = counted.iloc[-1]
    does = terminals / devices >= 0.5

    verdict = ("confirmed" if does else "disputed") if can else "inaccurate"
    evidence = (
        f"BeiDou-3 alone meets its standard in {met} of {len(sizes)} partner capitals (a model), "
        f"but of the devices in China that could use it in {counted.index[-1]} only "
        f"{100 * terminals / devices:.0f} % were terminals made for it."
    )
    if can == does:
        evidence = evidence.replace(", but of", ", and of").replace("only ", "")
    return (
        verdict,
        evidence,
        {
            "capitals": len(sizes),
            "capitals where 9 m and 10 m are met": met,
            "worst horizontal error at 95 %, m": float(sizes["horizontal"].max()),
            "worst vertical error at 95 %, m": float(sizes["vertical"].max()),
            "terminals made for BeiDou, billion": float(terminals),
            "devices that can use BeiDou, billion": float(devices),
        },
    )
