"""Templates compiled once in a test process: each test makes pages of its own, of the same templates."""

import jinja2


class Compiled(jinja2.BytecodeCache):
    """Keeps what was compiled in memory, by template and text."""

    def __init__(self):
        self.kept = {}

    def load_bytecode(self, bucket):
        """Give a template what was made of the same text before."""
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket):
        """Keep what was made."""
        self.kept[bucket.key, bucket.checksum] = bucket.code


def share_templates():
    """Let all environments of this process share what they compile; that is a quarter of the time of tests of pages."""
    compiled = Compiled()
    init = jinja2.Environment.__init__

    def sharing(self, *args, **options):
        init(self, *args, **{"bytecode_cache": compiled} | options)

    jinja2.Environment.__init__ = sharing
