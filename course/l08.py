"""The computed claims of lesson 08: where PEACE leads, and what Huawei Marine had finished.

The exercises of lesson 08, the Digital Silk Road.
"""

from course.scenes import cables
from helpers import data
from helpers.claims import computes
from helpers.exercises import Names, Number, exercise
from silkroad import network


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


@exercise(
    "08-1",
    Number(unit="ms", tolerance=0.06),
    wrong=[
        (lambda: 1000 / network.FIBRE_KM_PER_MS, "That is one way. The answer has to come back."),
        (2000 / 299.792458, "That is light in space. In glass it is slower by the group index."),
        (
            2000 / 299.792458 / 1.468,
            "You made light quicker in glass. A group index of 1.468 divides the speed, "
            "so it multiplies the time.",
        ),
    ],
    hint="Twice the length, divided by the speed 299,792.458 / 1.468 km/s, times 1000 for ms.",
)
def a_thousand_km():
    """How long does a round trip in 1,000 km of fibre take?"""
    return 2 * 1000 / network.FIBRE_KM_PER_MS


@exercise(
    "08-2",
    Names(),
    wrong=[
        (["Djibouti"], "That one has no route at all. Some others are left with one: add them."),
        (["Sudan", "Yemen"], "These have one route left. Who has none? Read the whole headline."),
        (["Saudi Arabia", "Sudan"], "That is the whole Red Sea. Close the Gulf of Aden alone."),
    ],
    hint="Set the first menu to Gulf of Aden and read both lists in the headline.",
)
def gulf_of_aden_closed():
    """Which countries fall to one route or none when the Gulf of Aden is closed, sea only?"""
    tables = (data.load(name) for name in ("cable_landings", "cables", "assumed_links"))
    net = network.graph(*tables)
    before = network.cut(net, cables=["eurasia_land", "pcf", "pcf_ext", "pcf_south"])
    after = network.cut(before, chokepoints=["GULF_OF_ADEN"])
    lost = network.left_without(network.routes_left(before), network.routes_left(after))
    return [name for name, iso3 in cables.countries(net).items() if iso3 in lost.index]


def _satellites(name):
    """Return how many of a satellite match the design of SEA-ME-WE 5."""
    wide = data.load("cables").set_index("id").loc["smw5", "design_capacity_tbps"]
    sky = cables.satellites(data.load("satellites")).set_index("name")
    return wide / sky.loc[sky.index.str.startswith(name), "tbps"].item()


@exercise(
    "08-3",
    Number(unit="satellites", relative=0.001),
    wrong=[
        (lambda: _satellites("ChinaSat-16"), "That is ChinaSat-16. ChinaSat-26 is wider."),
        (0.24, "Mind the units: 100 Gbit/s are 0.1 Tbit/s."),
        (24, "24 Tbit/s is the cable. Divide it by what one satellite carries."),
    ],
    hint="Divide the cable's 24 Tbit/s by the satellite's capacity in Tbit/s.",
)
def satellites_for_a_cable():
    """How many ChinaSat-26 carry as much as SEA-ME-WE 5 by design?"""
    return _satellites("ChinaSat-26")


def _built_by_hmn(path):
    """Return the cables that HMN built, those with a path or all that are in service."""
    read = cables.kinds(data.load("cables"))
    here = read["core"] if path else read["status"] == "active"
    return read[here & read["built"].str.startswith("HMN")]


def _without_chinese_owner(table):
    return int((table["chinese"] == "no Chinese owner named").sum())


@exercise(
    "08-4",
    Number(unit="cables"),
    wrong=[
        (lambda: len(_built_by_hmn(path=True)), "Those are all of that builder. Look at owners."),
        (
            lambda: len(_built_by_hmn(True)) - _without_chinese_owner(_built_by_hmn(True)),
            "Those have a Chinese owner. Count the others.",
        ),
        (
            lambda: _without_chinese_owner(_built_by_hmn(path=False)),
            "Those are all in service. Keep the rows where core is true.",
        ),
    ],
    hint="Keep the rows with a path, then that builder, then 'no Chinese owner named', and count.",
)
def built_not_owned():
    """How many cables with a path did HMN build that name no Chinese owner?"""
    return _without_chinese_owner(_built_by_hmn(path=True))
