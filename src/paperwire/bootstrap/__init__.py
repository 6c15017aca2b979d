"""Construction: settings become a store, sources, channels, commands, pages and the worker that runs them."""
