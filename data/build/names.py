"""Rebuild data/country_names.csv: `python data/build/names.py`, then `python data/build/build.py`.

Every code of ISO 3166 with the names under which a reader may look for it. English and Chinese
names come from Unicode's CLDR through Babel (it comes with JupyterLab), official English names
from ISO 3166 through pycountry; Chinese names of our own tables stand first. Old and everyday
names are our own list. Both packages are needed here alone, not when the course runs.
"""

import csv
import io

import pycountry
from babel import Locale

from helpers import data

OURS, CLDR, ISO, USUAL = "S422", "S956", "S957", "S417"
COLUMNS = ["iso3", "name", "language", "kind", "source_ids", "source_note", "confidence"]
# Everyday and old names. A name of two countries stands at both, and the reader is asked.
OTHERS = {
    "ARE": "UAE|Emirates|阿联酋",
    "BLR": "Byelorussia|White Russia",
    "BOL": "Bolivia",
    "BRN": "Brunei Darussalam",
    "CHN": "PRC|People's Republic of China|Mainland China|中国大陆",
    "CIV": "Ivory Coast|Cote d'Ivoire",
    "COD": "Congo|DRC|DR Congo|Congo-Kinshasa|Zaire|刚果|刚果民主共和国",
    "COG": "Congo|Congo-Brazzaville|Republic of the Congo|刚果|刚果共和国",
    "CPV": "Cape Verde|Cape Verde Islands",
    "CZE": "Czech Republic|Czechia",
    "DEU": "Federal Republic of Germany",
    "FSM": "Micronesia",
    "GBR": "UK|Britain|Great Britain|England|英国",
    "HKG": "Hong Kong|Hongkong|香港",
    "IRN": "Persia",
    "KHM": "Kampuchea",
    "KOR": "Korea|South Korea|ROK|南韩",
    "LAO": "Laos|Lao PDR",
    "LBY": "Libya|Libyan Arab Jamahiriya",
    "LKA": "Ceylon",
    "MAC": "Macau|Macao|澳门",
    "MDA": "Moldova|Moldavia",
    "MKD": "Macedonia|FYROM",
    "MMR": "Burma|Myanmar|缅甸",
    "NLD": "Holland",
    "PRK": "Korea|North Korea|DPRK|朝鲜",
    "PNG": "PNG",
    "RUS": "Russia|Soviet Union|USSR",
    "SWZ": "Swaziland",
    "SYR": "Syria",
    "THA": "Siam",
    "TLS": "East Timor|Timor Leste",
    "TUR": "Turkey|Turkiye|土耳其",
    "TWN": "Taiwan|台湾",
    "TZA": "Tanzania|Tanganyika",
    "USA": "US|United States|America|U.S.|U.S.A.|美国",
    "VAT": "Vatican",
    "VEN": "Venezuela",
    "WSM": "Western Samoa",
}


def rows():
    """Yield the rows, the first name of a country in its tables before all others."""
    ours = {f["properties"]["iso3"]: f["properties"]["name"] for f in data.shapes()["features"]}
    chinese = data.load("bri_countries").set_index("iso3")["country_zh"]
    english, zh = Locale("en").territories, Locale("zh").territories
    for country in sorted(pycountry.countries, key=lambda country: country.alpha_3):
        iso3, iso2 = country.alpha_3, country.alpha_2
        known = [(ours.get(iso3), "en", "in our tables", OURS, "high")]
        known += [(chinese.get(iso3), "zh", "in our tables", OURS, "high")]
        known += [(english.get(iso2), "en", "usual", CLDR, "high")]
        known += [(zh.get(iso2), "zh", "usual", CLDR, "high")]
        known += [(country.name, "en", "official", ISO, "high")]
        known += [(getattr(country, "common_name", None), "en", "usual", ISO, "high")]
        known += [(getattr(country, "official_name", None), "en", "official", ISO, "high")]
        for name in OTHERS.get(iso3, "").split("|"):
            language = "en" if name.isascii() else "zh"
            known += [(name, language, "old or everyday", USUAL, "medium")]
        seen = set()
        for name, language, kind, source, confidence in known:
            if name and name.casefold() not in seen:
                seen.add(name.casefold())
                yield iso3, name, language, kind, source, "", confidence


def main():
    """Write the table."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows()])
    (data.FOLDER / "country_names.csv").write_text(out.getvalue(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
