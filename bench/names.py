"""Believable snake_case names: a fixed vocabulary whose words are drawn with Zipf frequencies."""

from __future__ import annotations

import itertools
import random

# The rank decides how often a word is drawn.
_COMMONEST_FIRST = """
date name status code type customer order amount product account total number state count user item value
price payment line start end invoice currency created address country email group level source target
description reference comment region city phone quantity unit rate tax discount net gross balance period
entry event log session device channel campaign contract quote subscription plan usage metric daily weekly
monthly summary detail header stage snapshot archive policy claim premium risk agent member provider visit
result test sample batch machine sensor reading alarm shift operator work task job run step schedule queue
message partition offset shipment carrier parcel route stop warehouse bin zone stock movement reorder
supplier purchase receipt return refund dispute card bank transfer branch loan interest fee commission
salary payroll employee department manager position hire absence benefit project milestone expense asset
depreciation location site store till basket coupon loyalty point tier segment cohort model score label
feature version release build deploy incident ticket priority owner assignee reporter attachment document
folder tag term domain dataset schema service pipeline dashboard chart question answer survey response
consent purpose retention class permission grant role token organization entity holding share bond trade
quotation portfolio limit margin settlement exchange symbol maturity accrual valuation option season weather
forecast scenario baseline variance goal objective trip vehicle driver fare seat flight booking room guest
night review rating meter tariff grid outage well pump valve pressure temperature flow volume density weight
height width length colour material brand category variant bundle picture video language locale timezone
calendar holiday crew vessel berth crane container seal manifest customs duty declaration
"""
WORDS = tuple(_COMMONEST_FIRST.split())
_EXPONENT = 0.95
_MOST_BYTES = 60  # PostgreSQL cuts identifiers at 63


class Namer:
    """Draws words, names and sentences. The same random source gives the same names."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        weights = (1 / (rank + 3) ** _EXPONENT for rank in range(len(WORDS)))
        self._cumulative = list(itertools.accumulate(weights))

    def words(self, count: int) -> list[str]:
        """Draw at most that many words, without repeating one."""
        return list(dict.fromkeys(self._rng.choices(WORDS, cum_weights=self._cumulative, k=count)))

    def name(self, taken: set[str]) -> str:
        """Draw a name of one to three words that is not taken yet, and take it."""
        most = 3
        while True:
            name = "_".join(self.words(self._rng.randint(1, most)))
            if name not in taken and len(name) <= _MOST_BYTES:
                taken.add(name)
                return name
            most = min(most + 1, 6)

    def sentence(self) -> str:
        """Draw a comment of 4 to 12 words."""
        return " ".join(self.words(self._rng.randint(4, 12))).replace("_", " ").capitalize() + "."
