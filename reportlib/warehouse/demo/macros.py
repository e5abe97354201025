"""The functions that the demo's statements call: uniforms from hashes, delays, and local times.

A hash is cut into three uniforms of 20 bits: u1, u2, u3. Times are epoch milliseconds.
"""

from reportlib.warehouse.demo.plan import PLAN


def macros(seed: int) -> list[str]:
    """The functions that the other statements call; `seed` is part of every hash."""
    delays = {
        "delivery": PLAN.delivery_delay,
        "open": PLAN.open_delay,
        "click": PLAN.click_delay,
        "reply": PLAN.reply_delay,
        "machine": PLAN.machine_delay,
    }
    hours = ", ".join(map(str, PLAN.hour_multiplier))
    uniforms = [
        f"CREATE TEMP MACRO u{n}(hash) AS ((hash >> {20 * (n - 1)}) & 1048575)::DOUBLE / 1048576" for n in (1, 2, 3)
    ]
    return [
        f"CREATE TEMP MACRO draw(id, salt) AS md5_number_lower(id || ':{seed}:' || salt)",
        *uniforms,
        *(f"CREATE TEMP MACRO {name}_delay(u) AS {_lomax(*delay)}" for name, delay in delays.items()),
        # a clock is a zone's offset before and after the one change that it may make in these weeks
        "CREATE TEMP MACRO local_ms(ms, clock) AS ms + if(ms < clock.change_ms, clock.before_ms, clock.after_ms)",
        """CREATE TEMP MACRO utc_ms(ms, clock) AS
            ms - if(ms - clock.before_ms < clock.change_ms, clock.before_ms, clock.after_ms)""",
        f"CREATE TEMP MACRO multiplier(ms, clock) AS [{hours}][1 + (local_ms(ms, clock) // 3600000) % 24]",
        # nobody answers at night: what would happen at 0-9 h happens, in the same order, at 7-9 h
        """CREATE TEMP MACRO awake(ms, clock) AS CASE
            WHEN local_ms(ms, clock) % 86400000 < 32400000
            THEN utc_ms(local_ms(ms, clock) + (32400000 - local_ms(ms, clock) % 86400000) * 7 // 9, clock)
            ELSE ms END""",
    ]


def _lomax(scale: float, cap: float) -> str:
    """Milliseconds of a delay from a uniform: heavy-tailed, of this scale, cut off at the cap; both minutes."""
    reached = 1 - (1 + cap / scale) ** -PLAN.delay_tail
    return f"({scale * 60_000} * ((1 - u * {reached!r}) ** {-1 / PLAN.delay_tail} - 1))::BIGINT"
