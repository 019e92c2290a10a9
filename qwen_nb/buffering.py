"""Tell a proxy that holds a stream back from a server that is quick, by when the deltas arrive.

A model writes token after token; nobody has seen one that writes 5,000 a second. Deltas that come faster were written before and
kept somewhere. So a reply was buffered if it is long enough to tell, nearly all of its time was spent waiting, and whatever came
came in bursts at that speed. A short reply, a quick server and a long prefill each miss one of these.
"""

from __future__ import annotations

LONG = 80
"""Deltas. A shorter reply may come in one packet by itself."""
WAIT = 1.5
"""Seconds of waiting in all; below that nobody minds."""
PAUSE = 0.25
"""Seconds without data that end a burst."""
FASTEST_MODEL = 5_000.0
"""Deltas a second within a burst."""
MOSTLY = 10.0
"""How many times as long as the bursts the waiting must be."""

ADVICE = (
    "The reply came in bursts, so something between here and the model holds it back, probably a proxy. "
    "On nginx set `proxy_buffering off;`, or let the server send the header `X-Accel-Buffering: no`."
)


class Arrivals:
    """The arrival times of one reply. Constant memory, constant time a delivery."""

    def __init__(self, sent: float) -> None:
        self._last = sent
        self._waited = 0.0
        self._receiving = 0.0
        self._deltas = 0
        self._burst = 0
        self._burst_began = sent
        self._is_steady = False

    def note(self, moment: float, deltas: int) -> None:
        """`deltas` came at `moment`, in seconds on the clock of `sent`."""
        pause = moment - self._last
        if pause >= PAUSE or not self._deltas:
            self._close_burst()
            self._waited += pause
            self._burst, self._burst_began = 0, moment
        else:
            self._receiving += pause
        self._deltas += deltas
        self._burst += deltas
        self._last = moment

    def _close_burst(self) -> None:
        # The first and last frames of a reply may stand alone: a role, a finish.
        if self._burst > 2 and self._burst < FASTEST_MODEL * (self._last - self._burst_began):
            self._is_steady = True

    @property
    def are_bursts(self) -> bool:
        """Whether the reply so far was held back."""
        self._close_burst()
        return not self._is_steady and self._deltas >= LONG and self._waited >= WAIT and self._waited >= MOSTLY * self._receiving
