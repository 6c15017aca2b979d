"""The feeds we publish: matches and papers rendered as Atom, RSS and JSON Feed."""
