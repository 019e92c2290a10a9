"""What the Makefile runs. Not in the wheel."""
