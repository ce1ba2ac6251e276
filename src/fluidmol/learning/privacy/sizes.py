"""How many compounds it takes for noise not to drown them."""

from __future__ import annotations

import math

from fluidmol.learning.privacy.accountant import noise_multiplier
from fluidmol.learning.privacy.settings import Gaussian

MEAN_LENGTH = 0.3
"""Length of the mean of a company's rows: those of one chemistry point in similar directions."""

DROWNED = 2.0
"""How many times as long as the sum of the compounds its noise may be; a rule of thumb."""


def fewest(settings: Gaussian, n_directions: int) -> int:
    """Compute from how many compounds on their noisy sum says something about their chemistry.

    Below it the noise is more than twice as long as the sum of rows whose mean has length .3. It is a rule of thumb:
    models of a few more compounds than that are poor, too.

    Parameters
    ----------
    settings : Gaussian
    n_directions : int

    Examples
    --------
    >>> fewest(Gaussian(epsilon=4.0), 512), fewest(Gaussian(epsilon=1.0, steps_share=0.7), 512)
    (106, 257)
    """
    sigma = noise_multiplier(settings.epsilon, settings.delta) / math.sqrt(1 - settings.steps_share)
    return math.ceil(sigma * math.sqrt(n_directions) / (DROWNED * MEAN_LENGTH))
