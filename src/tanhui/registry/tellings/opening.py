"""What is told of account openings."""
