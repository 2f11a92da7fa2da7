"""Where a map opens: what happens in a corner of the world is seen there, not from afar."""

from dataclasses import replace

import ipywidgets as widgets

from silkroad import orbits


def around(layer, degrees, *beside):
    """Return a layer of points round which a live map opens, with so many degrees on each side.

    beside: layers of points that are to be seen with it. When this changes the map moves there
    anew, unless it is well seen where the map is, and leaves the reader's own view alone.
    """
    specs = [layer.drawn, *(other.drawn for other in beside)]
    lat, lon = ([value for spec in specs for value in spec[side]] for side in ("lat", "lon"))
    low = [max(min(lat) - degrees, -90), max(min(lon) - degrees, -180)]
    high = [min(max(lat) + degrees, 90), min(max(lon) + degrees, 180)]
    return replace(layer, drawn={**layer.drawn, "look": [low, high]})


class NextPass:
    """A button beside a clock of one day: it sets the clock to the next pass over a place.

    After it has been pressed, `near(layer, time)` looks at the place for as long as the pass takes.
    """

    def __init__(self, clock, times, elements, menu, places):
        """Put the button beside the clock, whose options are the indices of `times`.

        menu: its value is the place's row in `places`, a DataFrame with lat and lon in degrees.
        """
        self.clock, self.times, self.elements = clock, times, elements
        self.menu, self.places, self.passing = menu, places, range(0)
        self.button = widgets.Button(description="Next pass", layout={"width": "auto"})
        self.button.on_click(lambda button: self.go())
        menu.observe(lambda change: self._say("Next pass"), "value")
        clock.extras = (*clock.extras, self.button)

    def go(self):
        """Set the clock to the top of the next pass above 10°; after the last, of the first."""
        place = self.places.loc[[self.menu.value]]
        found = orbits.passes(self.elements, place, self.times[0], self.times[-1], 10)
        if found.empty:
            return self._say("No pass above 10°")
        names = ["rise", "culmination", "set"]
        every = [self.times.get_indexer(one, "nearest").tolist() for one in found[names].to_numpy()]
        rise, top, fall = next((one for one in every if one[1] > self.clock.index), every[0])
        self.passing = range(rise, fall + 1)
        self.clock.index = top

    def near(self, layer, time):
        """Return the layer of the place, looked at where `time` is within the pass gone to."""
        return around(layer, 35) if time in self.passing else layer

    def _say(self, words):
        self.button.description, self.passing = words, range(0)
