"""A partner's side of a round: its questions, its replies through the gate, and its own folder."""
