"""Conditional logistic regression: what differs within the same person, whatever differs between persons.

Each person's chances may have any level of their own; given how many of their messages were answered, it drops out of
the likelihood (Chamberlain 1980, Rev Econ Stud 47:225; Breslow and Day 1980, Statistical methods in cancer research I,
chapter 7). Persons who answered all or nothing say nothing. Messages alike in all that the model knows are counted, so
that a person is a row of small numbers, and persons alike are one row: the likelihood of a row is exact, that of draws
without replacement from several sorts of messages with different odds.
"""

from dataclasses import dataclass

import numpy as np
import scipy

_STEPS, _CLOSE, _HALVINGS, _LONGEST = 60, 1e-7, 20, 2.0
LARGEST = 12.0  # log odds ratios beyond it are not told apart from infinite ones


@dataclass(frozen=True)
class ConditionalFit:
    """Log odds ratios with their covariance, from the sum of persons' squared scores (Berndt and others 1974, Ann Econ
    Soc Meas 3:653); `people` is how many persons said anything."""

    effects: np.ndarray
    covariance: np.ndarray
    people: int


def fit(sent: np.ndarray, answered: np.ndarray, people: np.ndarray, design: np.ndarray) -> ConditionalFit | None:
    """The log odds ratios of the columns of `design`, which has a row for each sort of message.

    `sent` and `answered` have a row for each kind of person and a column for each sort: how many of their messages are
    of it, and how many of these they answered; `people` how many such persons there are. None where the data do not
    tell the effects: nobody says anything, a sort is not linked to the others, or an effect is without bound.
    """
    whole, total = sent.sum(axis=1), answered.sum(axis=1)
    tells = (total > 0) & (total < whole) & (people > 0)
    sent, answered, people = (part[tells].astype(float) for part in (sent, answered, people))
    effects = np.zeros(design.shape[1])
    if not len(people):
        return None
    likelihood, scores = _likelihood(sent, answered, design, effects)
    for _ in range(_STEPS):
        gradient, information = people @ scores, (scores * people[:, None]).T @ scores
        if np.linalg.matrix_rank(information) < len(effects):
            return None
        step = np.linalg.solve(information, gradient)
        step = step / max(1.0, np.abs(step).max() / _LONGEST)
        for _ in range(_HALVINGS):
            found, new_scores = _likelihood(sent, answered, design, effects + step)
            if people @ found >= people @ likelihood - 1e-9 and np.isfinite(found).all():
                break
            step = step / 2
        effects, likelihood, scores = effects + step, found, new_scores
        if np.abs(effects).max() > LARGEST:
            return None
        if np.abs(step).max() < _CLOSE:
            break
    information = (scores * people[:, None]).T @ scores
    return ConditionalFit(effects, np.linalg.inv(information), int(people.sum()))


def _likelihood(sent, answered, design, effects):
    """Per row the log likelihood and its derivatives by the effects."""
    odds = np.exp(design @ effects)
    likelihood, expected = np.zeros(len(sent)), np.zeros(sent.shape)
    totals = answered.sum(axis=1).astype(int)
    ways_to_choose = scipy.special.comb(np.arange(int(sent.max()) + 1)[:, None], np.arange(totals.max() + 1))
    for total in np.unique(totals):
        rows = np.flatnonzero(totals == total)
        ways = _ways(sent[rows].astype(int), odds, total, ways_to_choose)
        likelihood[rows] = answered[rows] @ np.log(odds) - np.log(ways[:, total])
        for sort in np.flatnonzero(sent[rows].any(axis=0)):
            without = np.zeros(len(rows))  # the ways with one message of the sort less: a division by 1 + odds · t
            for many in range(total):
                without = ways[:, many] - odds[sort] * without
            expected[rows, sort] = sent[rows, sort] * odds[sort] * without / ways[:, total]
    return likelihood, (answered - expected) @ design


def _ways(sent, odds, total, ways_to_choose):
    """Per row, for each number answered up to the total, the sum over all ways to answer so many of these messages of
    the product of the odds of those answered: the coefficients of the product of (1 + odds · t) ** sent."""
    found = np.zeros((len(sent), total + 1))
    found[:, 0] = 1.0
    for sort in np.flatnonzero(sent.any(axis=0)):
        of_sort = ways_to_choose[sent[:, sort], : total + 1] * odds[sort] ** np.arange(total + 1)
        after = np.zeros_like(found)
        for many in range(total + 1):
            after[:, many:] += of_sort[:, many : many + 1] * found[:, : total + 1 - many]
        found = after
    return found
