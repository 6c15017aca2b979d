"""What we publish: matches rendered as Atom, RSS and JSON Feed."""
