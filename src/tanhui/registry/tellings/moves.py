"""What is told of instructions, movements and restrictions."""
