"""Where people keep their references: one file is one service whose libraries are read with a person's key."""
