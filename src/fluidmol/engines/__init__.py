"""How requests and replies travel; every engine is an envelope around the same question and answers."""
