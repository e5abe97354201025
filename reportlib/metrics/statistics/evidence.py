"""Evidence that holds however often one looks: what a monitor may raise an alarm on every two seconds."""

import numpy as np
import scipy

_PRIOR = 1.0, 9.0  # of rates above the line, beta distributed: about a tenth


def above(count, base, line):
    """The natural log of the evidence that a rate lies above the line.

    A mixture of likelihood ratios over rates above the line, beta distributed and cut off there, which gives it a
    closed form (Robbins 1970, Ann Math Stat 41:1397). Where the rate lies at or below the line, it is a
    supermartingale: the chance that it ever exceeds 1 ÷ α is at most α (Ville 1939; Ramdas, Grünwald, Vovk and Shafer
    2023, Stat Sci 38:576), so that looking more often costs nothing. Takes numbers or arrays.
    """
    count, rest = np.asarray(count, dtype=float), np.asarray(base, dtype=float) - count
    a, b = _PRIOR
    beta, tail = scipy.special.betaln, scipy.special.betaincc
    with np.errstate(divide="ignore"):
        mixture = beta(a + count, b + rest) + np.log(tail(a + count, b + rest, line))
    mixture -= beta(a, b) + np.log(tail(a, b, line))
    return mixture - count * np.log(line) - rest * np.log1p(-line)
