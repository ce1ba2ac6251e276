"""Numbers about the service, for Prometheus; no name of a blob, no content."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

import attrs


@attrs.define
class Metrics:
    """What was counted since the start.

    Examples
    --------
    >>> metrics = Metrics()
    >>> metrics.requests[200] += 1
    >>> print(metrics.text({"fluid_drop_blobs": 3}), end="")  # doctest: +ELLIPSIS
    # TYPE fluid_drop_requests_total counter
    fluid_drop_requests_total{status="200"} 1
    ...
    # TYPE fluid_drop_blobs gauge
    fluid_drop_blobs 3
    """

    requests: Counter[int] = attrs.field(factory=Counter)
    """Answers by HTTP status."""
    received: int = 0
    """Bytes of request bodies."""
    sent: int = 0
    """Bytes of answers."""
    active: int = 0
    """Requests being answered now."""
    started: float = attrs.field(factory=time.time)

    def text(self, gauges: Mapping[str, float]) -> str:
        """Write all in Prometheus' text format, with some more gauges."""
        lines = ["# TYPE fluid_drop_requests_total counter"]
        lines += [f'fluid_drop_requests_total{{status="{code}"}} {n}' for code, n in sorted(self.requests.items())]
        counters = {"fluid_drop_received_bytes_total": self.received, "fluid_drop_sent_bytes_total": self.sent}
        own = {"fluid_drop_active_requests": self.active, "fluid_drop_uptime_seconds": int(time.time() - self.started)}
        for kind, values in (("counter", counters), ("gauge", own | dict(gauges))):
            for name, value in values.items():
                lines += [f"# TYPE {name} {kind}", f"{name} {value:.17g}"]
        return "\n".join(lines) + "\n"
