"""A pipe of a mail server, whose user may not run our interpreter: a script hands each mail to the test and waits."""

import asyncio
import os
from pathlib import Path

_SCRIPT = """\
#!/bin/sh
mail=$(mktemp "{folder}/XXXXXXXX") && cat > "$mail" || exit 75
for name in ORIGINAL_RECIPIENT RECIPIENT LOCAL_PART_SUFFIX; do
    eval "value=\\${{$name-}}"
    [ -z "$value" ] || echo "$name=$value" >> "$mail.env"
done
touch "$mail.env" && chmod a+r "$mail" "$mail.env" && mv "$mail" "$mail.ready" || exit 75
while [ ! -s "$mail.code" ]; do [ -d "{folder}" ] || exit 75; sleep 0.5; done
exit "$(cat "$mail.code")"
"""


class Pipe:
    """`command` is what a mail server pipes to; each mail is given to `program` with the variables the server set.

    `said` is what it printed, `codes` are its exit codes, in order.
    """

    def __init__(self, folder, program):
        self.folder = Path(folder)
        self.folder.mkdir()
        self.folder.chmod(0o777)
        self.command = self.folder.with_suffix(".sh")
        self.command.write_text(_SCRIPT.format(folder=self.folder))
        self.command.chmod(0o755)
        self._program = program
        self.said, self.codes, self.variables = [], [], []

    async def __aenter__(self):
        self._serving = asyncio.create_task(self._serve())
        return self

    async def __aexit__(self, *_):
        self._serving.cancel()
        await asyncio.gather(self._serving, return_exceptions=True)

    async def _serve(self):
        while True:
            for mail in sorted(self.folder.glob("*.ready")):
                await self._run(mail)
            await asyncio.sleep(0.1)

    async def _run(self, mail):
        name = mail.with_suffix("")
        given, raw = _take(mail)
        process = await asyncio.create_subprocess_exec(
            *self._program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | given,
        )
        out, _ = await process.communicate(raw)
        self.variables.append(given)
        self.said.append(out.decode())
        self.codes.append(process.returncode)
        _answer(name, process.returncode)


def _take(mail):
    variables = Path(f"{mail.with_suffix('')}.env").read_text().splitlines()
    raw = mail.read_bytes()
    mail.unlink()
    return dict(line.split("=", 1) for line in variables), raw


def _answer(name, code):
    draft = Path(f"{name}.draft")
    draft.write_text(f"{code}\n")
    draft.rename(f"{name}.code")
