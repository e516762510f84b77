"""How often something costly may be tried, counted for everybody together: nobody's address is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TokenBucket:
    """``capacity`` tries at once, then ``per_second``. ``level`` are the tries left at monotonic second ``at``."""

    capacity: float
    per_second: float
    level: float
    at: float

    def filled(self, now: float) -> TokenBucket:
        """The same bucket at ``now``, which is never earlier than ``at``."""
        level = min(self.capacity, self.level + (now - self.at) * self.per_second)
        return replace(self, level=level, at=now)

    def take(self, now: float) -> tuple[TokenBucket, float]:
        """The bucket after a try, and how many seconds to wait first: 0 if the try is granted."""
        bucket = self.filled(now)
        if bucket.level >= 1:
            return replace(bucket, level=bucket.level - 1), 0.0
        return bucket, (1 - bucket.level) / self.per_second
