"""Runs a command beside a server like that of the tests here, for the tests of other languages.

usage: with_server.py ENGINE COMMAND…

The command finds UMBEL_COMPAT_URL in its environment, and UMBEL_COMPAT_EMAIL and UMBEL_COMPAT_KEY of the operator.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from seed import write_seed
from server import running


def main(engine, *command):
    with tempfile.TemporaryDirectory() as directory:
        lines = write_seed(Path(directory))
        with running(engine, Path(directory), lines) as server:
            environment = {name: value for name, value in os.environ.items() if not name.startswith("CLOUDFLARE_")}
            environment |= {
                "UMBEL_COMPAT_URL": server.url,
                "UMBEL_COMPAT_EMAIL": server.operator.email,
                "UMBEL_COMPAT_KEY": server.operator.api_key,
            }
            return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
