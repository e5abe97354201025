"""What goes with one fact of a campaign, within its channels: a regression of log odds that differ beyond chance.

A campaign's log odds are its channels' usual ones, plus what goes with the fact, plus a deviation of its own, plus
chance: random-effects meta-regression. The spread of those deviations is Paule and Mandel's (1982, J Res NBS 87:377;
DerSimonian and Kacker 2007, Contemp Clin Trials 28:105), the interval Knapp and Hartung's (2003, Stat Med 22:2693),
Student's with the campaigns less the coefficients as degrees of freedom. A campaign on several channels is one
observation: its channels weighted by how much each tells.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

LEAST_FREEDOM = 3
_STEPS, _WIDEST = 60, 25.0


@dataclass(frozen=True)
class Association:
    """By how much the log odds are higher where the fact holds, its standard error, Student's degrees of freedom, and
    the `spread` of campaigns besides."""

    estimate: float
    error: float
    freedom: int
    spread: float

    @property
    def p_value(self) -> float:
        return float(2 * scipy.special.stdtr(self.freedom, -abs(self.estimate) / self.error))

    def interval(self, alpha=0.05) -> tuple[float, float]:
        """p_value ≤ alpha exactly where it leaves zero out."""
        reach = -scipy.special.stdtrit(self.freedom, alpha / 2) * self.error
        return self.estimate - reach, self.estimate + reach


def observations(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Campaigns by their counts on each channel, one observation each.

    `rows` have campaign_id, channel, count and base, above zero. Returns a frame with the columns log_odds and variance
    (float64), and one with the share of each channel in it; both by campaign_id.
    """
    count, base = rows["count"].clip(upper=rows["base"]) + 0.5, rows["base"] + 1.0
    told = rows.assign(log_odds=np.log(count / (base - count)), weight=1 / (1 / count + 1 / (base - count)))
    sums = told.groupby("campaign_id")["weight"].sum()
    told["share"] = told["weight"] / told["campaign_id"].map(sums)
    log_odds = (told["log_odds"] * told["share"]).groupby(told["campaign_id"]).sum()
    shares = told.pivot_table("share", "campaign_id", "channel", "sum", fill_value=0.0)
    return pd.DataFrame({"log_odds": log_odds, "variance": 1 / sums}).loc[shares.index], shares


def association(observed: pd.DataFrame, shares: pd.DataFrame, holds) -> Association | None:
    """The Association of the fact that `holds` (bool, in the order of the frames) for some of these `observations`;
    None where it cannot be told from the channels, or of too few campaigns."""
    used = shares.loc[:, (shares > 0).any()].to_numpy()
    design = np.column_stack([used, np.asarray(holds, dtype=float)])
    freedom = len(design) - design.shape[1]
    if freedom < LEAST_FREEDOM or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    y, variances = observed["log_odds"].to_numpy(), observed["variance"].to_numpy()
    low, high = 0.0, _WIDEST
    if _fit(design, y, variances)[2] <= freedom:  # no more than chance
        high = 0.0
    else:
        for _ in range(_STEPS):
            between = (low + high) / 2
            low, high = (between, high) if _fit(design, y, variances + between)[2] > freedom else (low, between)
    found, covariance, left = _fit(design, y, variances + high)
    scale = max(1.0, left / freedom)
    return Association(float(found[-1]), float(np.sqrt(covariance[-1, -1] * scale)), freedom, float(np.sqrt(high)))


def _fit(design, y, variances):
    """Weighted least squares: coefficients, their covariance, and the weighted squares that are left."""
    weighted = design / variances[:, None]
    covariance = np.linalg.inv(design.T @ weighted)
    found = covariance @ (weighted.T @ y)
    return found, covariance, float(((y - design @ found) ** 2 / variances).sum())
