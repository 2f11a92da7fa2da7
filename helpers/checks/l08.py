"""The computed claims of lesson 08: where PEACE leads, and what Huawei Marine had finished."""

from helpers import data, network
from helpers.claims import computes


@computes("C055")
def peace_reaches_kenya_and_djibouti():
    """Two parts on the network of PEACE alone: it lands in Pakistan and Kenya, and in Pakistan and
    Djibouti.

    Prediction met when both hold, disputed when one does, prediction missed when none does.
    """
    cables = data.load("cables")
    peace = network.graph(data.load("cable_landings"), cables[cables["id"] == "peace"])
    landed = {d["iso3"] for _, d in peace.nodes(data=True) if d["iso3"]}
    reached = [iso3 for iso3 in ("KEN", "DJI") if {"PAK", iso3} <= landed]
    numbers = {"countries where PEACE lands": len(landed)}
    for iso3, name in (("KEN", "Kenya"), ("DJI", "Djibouti")):
        numbers[f"lands in {name}"] = "yes" if iso3 in reached else "no"
    evidence = f"PEACE lands in {len(landed)} countries; from Pakistan to Kenya it offers no way."
    if "KEN" in reached:
        route = network.route(peace, "Karachi", "Mombasa")
        numbers["Karachi to Mombasa, km"] = round(route.km)
        numbers["Karachi to Mombasa, round trip ms"] = round(route.rtt_ms, 1)
        evidence = f"From Karachi to Mombasa in Kenya PEACE takes {route.rtt_ms:.0f} ms there and "
        evidence += "back."
    evidence += f" It {'lands' if 'DJI' in reached else 'does not land'} in Djibouti."
    return ("prediction_missed", "disputed", "prediction_met")[len(reached)], evidence, numbers


@computes("C056")
def finished_in_indonesia_and_the_philippines():
    """Confirmed when the table of cables has systems built by Huawei Marine (now HMN Tech) that
    were ready before 2020, the year of the article, in both Indonesia and the Philippines.

    Disputed when in one of the two, inaccurate when in neither.
    """
    cables = data.load("cables")
    done = cables[cables["hmn_built"] & (cables["rfs_year"] < 2020)]
    here = {
        name: done[done["landing_iso3"].str.contains(iso3, na=False)]["name"].tolist()
        for iso3, name in (("IDN", "Indonesia"), ("PHL", "Philippines"))
    }
    parts = sum(bool(names) for names in here.values())
    return (
        ("inaccurate", "disputed", "confirmed")[parts],
        " ".join(
            f"{name}: {', '.join(names) or 'none in our table'}." for name, names in here.items()
        ),
        {f"ready before 2020, {name}": len(names) for name, names in here.items()},
    )
