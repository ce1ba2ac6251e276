"""Inside one company: nothing in here may leave but through the gate."""
