"""The same colour and shape for the same thing in every lesson."""

# By the column of a table that names its kind.
LOOKS = {
    "orbit_class": {
        "GEO": ("orange", "square"),
        "IGSO": ("purple", "diamond"),
        "MEO": ("blue", "circle"),
        "LEO": ("green", "triangle"),
        "SSO": ("sky", "down"),
    },
    "system": {
        "BDS": ("orange", "circle"),
        "BeiDou-3": ("orange", "circle"),
        "GPS": ("blue", "square"),
        "GLONASS": ("green", "triangle"),
        "Galileo": ("purple", "diamond"),
        "QZSS": ("orange", "star"),
    },
}
