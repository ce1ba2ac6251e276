"""What both sides of a consortium check in a charter before they begin."""
