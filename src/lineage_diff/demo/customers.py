"""Generate the demo's data: simulated customers of a phone company, the same in every run."""

import random

HEADER = "customer,months,calls,bill,left"


def customers(count: int, *, mislabelled: float = 0.0, seed: int = 7) -> str:
    """Return `count` customers as CSV; `mislabelled` is the share with a wrong label."""
    dice = random.Random(seed)  # noqa: S311 (no secret: the demo must be the same in every run)
    lines = [HEADER]
    for number in range(count):
        months, calls = dice.randint(1, 60), dice.randint(0, 12)
        bill = round(dice.uniform(10, 120), 2)
        unhappy = calls / 12 + bill / 160 - months / 70 + dice.gauss(0, 0.18)
        left = (unhappy > 0.45) != (dice.random() < mislabelled)
        lines.append(f"C{number:05d},{months},{calls},{bill},{int(left)}")
    return "\n".join(lines) + "\n"
