"""A partner's share of a large transfer set: annotated ahead of the answer, by one of several processes."""

from __future__ import annotations

import time
from collections.abc import Callable

import attrs

from fluidmol.errors import CodecError, FluidError, InputError, MissingFileError
from fluidmol.partner.speaker import Speaker
from fluidmol.values.pieces import Pieces


@attrs.define
class TransferShare:
    """Some pieces of a transfer set, to be annotated and kept at home; nothing leaves."""

    speaker: Speaker
    """Has begun."""

    transfer: Pieces = attrs.field(repr=False)
    """All pieces."""

    unreadable: dict[int, FluidError] = attrs.field(factory=dict, init=False)
    """Pieces that couldn't be read, and why."""

    n_done: int = attrs.field(default=0, init=False)
    """Molecules that were annotated here."""

    seconds: float = attrs.field(default=0.0, init=False)
    """Wall-clock time that this took."""

    @property
    def rate(self) -> float:
        """Molecules a second."""
        return self.n_done / max(self.seconds, 1e-9)

    @property
    def n_annotated(self) -> int:
        """Pieces of the whole set whose opinions are there, whoever made them."""
        return sum(self.speaker.has(self.transfer, place) for place in range(len(self.transfer.sizes)))

    def annotate(self, places: range, progress: Callable[[int, int], None], note: Callable[[str], None]) -> None:
        """Annotate those of some pieces that aren't yet; one that can't be read is set aside.

        Parameters
        ----------
        places : range
            Which pieces.
        progress : callable
            Is told how many molecules are annotated, and of how many.
        note : callable
            Is told what was set aside.

        Raises
        ------
        FluidError
            If the teacher can't be asked, or what it says can't be kept.
        """
        sizes, begun = self.transfer.sizes, time.perf_counter()
        todo = [place for place in places if not self.speaker.has(self.transfer, place)]
        total = sum(sizes[place] for place in todo)
        for place in todo:
            try:
                piece = self.transfer.piece(place)
            except (CodecError, InputError, MissingFileError) as problem:  # a pipe, or a huge file, too
                self.unreadable[place] = problem
                note(f"Set aside: {problem}")
                continue
            self.speaker.annotate_piece(piece, len(self.transfer))
            self.n_done += sizes[place]
            self.seconds = time.perf_counter() - begun
            progress(self.n_done, total)
