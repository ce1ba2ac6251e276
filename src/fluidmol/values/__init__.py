"""What may cross a company's wall: frozen, validated, hashable by content."""
