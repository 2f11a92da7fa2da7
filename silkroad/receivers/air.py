"""What the air adds to a pseudorange: Saastamoinen's model, and those that satellites broadcast."""

import numpy as np

_GPS_L1_MHZ, _B1I_MHZ = 1575.42, 1561.098
_LAYER = 6378.0 / (6378.0 + 375.0)  # BeiDou's model: the Earth's radius and a layer 375 km up


def klobuchar_m(parameters, lat, lon, azimuth_deg, elevation_deg, second_of_day, frequency_mhz):
    """Return the ionosphere's delay in metres by GPS's own parameters (IS-GPS-200, 20.3.3.5.2.5).

    parameters (8,), alpha and beta; second_of_day in GPS time; the rest broadcasts together. The
    delay is made for L1 and grows as 1 / f².
    """
    up = np.asarray(elevation_deg, float) / 180  # semicircles, as the document counts
    psi = 0.0137 / (up + 0.11) - 0.022
    azimuth = np.radians(azimuth_deg)
    phi = np.clip(np.asarray(lat) / 180 + psi * np.cos(azimuth), -0.416, 0.416)
    lam = np.asarray(lon) / 180 + psi * np.sin(azimuth) / np.cos(phi * np.pi)
    magnetic = phi + 0.064 * np.cos((lam - 1.617) * np.pi)
    local = (43_200 * lam + second_of_day) % 86_400
    slant = 1 + 16 * (0.53 - up) ** 3
    alpha, beta = np.asarray(parameters[:4]), np.asarray(parameters[4:])
    height = np.maximum(_series(alpha, magnetic), 0)
    period = np.maximum(_series(beta, magnetic), 72_000)
    x = 2 * np.pi * (local - 50_400) / period
    bump = np.where(np.abs(x) < 1.57, height * (1 - x**2 / 2 + x**4 / 24), 0)
    return _metres(slant * (5e-9 + bump), _GPS_L1_MHZ, frequency_mhz)


def klobuchar_beidou_m(
    parameters, lat, lon, azimuth_deg, elevation_deg, second_of_day, frequency_mhz
):
    """Return the same by BeiDou's own parameters (BDS-SIS-ICD-B1I-3.0, 5.2.4.7).

    Geographic latitudes, a layer 375 km up, a cosine, and made for B1I; second_of_day in BeiDou
    time.
    """
    up, azimuth = np.radians(elevation_deg), np.radians(azimuth_deg)
    slanted = _LAYER * np.cos(up)
    psi = np.pi / 2 - up - np.arcsin(slanted)
    lat, lon = np.radians(lat), np.radians(lon)
    phi = np.arcsin(np.sin(lat) * np.cos(psi) + np.cos(lat) * np.sin(psi) * np.cos(azimuth))
    lam = lon + np.arcsin(np.sin(psi) * np.sin(azimuth) / np.cos(phi))
    local = (second_of_day + lam * 43_200 / np.pi) % 86_400
    alpha, beta = np.asarray(parameters[:4]), np.asarray(parameters[4:])
    height = np.maximum(_series(alpha, np.abs(phi) / np.pi), 0)
    period = np.clip(_series(beta, np.abs(phi) / np.pi), 72_000, 172_800)
    day = np.abs(local - 50_400) < period / 4
    bump = np.where(day, height * np.cos(2 * np.pi * (local - 50_400) / period), 0)
    return _metres((5e-9 + bump) / np.sqrt(1 - slanted**2), _B1I_MHZ, frequency_mhz)


def saastamoinen_m(elevation_deg, lat, height_km):
    """Return the troposphere's delay in metres: Saastamoinen (1972), as in RTKLIB's manual, E.5.

    A standard atmosphere with 15 °C, 1013.25 hPa and 70 % moisture at sea level, and a slant of
    1 / sin of the elevation, which is good down to some 5 degrees (`positioning.troposphere_m`
    takes 50 % and a slant that ends at the horizon: 0.3 m less at 10 degrees).
    """
    height_m = np.clip(np.asarray(height_km, float) * 1000, 0, 10_000)
    pressure = 1013.25 * (1 - 2.2557e-5 * height_m) ** 5.2568
    kelvin = 288.16 - 6.5e-3 * height_m
    moisture = 6.108 * 0.7 * np.exp((17.15 * kelvin - 4684) / (kelvin - 38.45))
    gravity = 1 - 0.00266 * np.cos(2 * np.radians(lat)) - 2.8e-7 * height_m
    dry = 0.0022768 * pressure / gravity
    wet = 0.002277 * (1255 / kelvin + 0.05) * moisture
    return (dry + wet) / np.sin(np.radians(elevation_deg))


def _series(factors, x):
    return factors[0] + x * (factors[1] + x * (factors[2] + x * factors[3]))


def _metres(delay_s, made_for_mhz, frequency_mhz):
    return 299_792_458.0 * delay_s * (made_for_mhz / np.asarray(frequency_mhz)) ** 2
