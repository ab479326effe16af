"""The examples in Python, and the Python in the documentation, as programs of their own."""

import os
import re
import subprocess
import sys

import pytest

from server import REPOSITORY

PAGES = ["README.md", "docs/clients.md"]


def programs():
    """Every example, and every block of Python on the pages."""
    for path in sorted((REPOSITORY / "examples/python").glob("*.py")):
        yield pytest.param(path.read_text(), id=path.name)
    for page in PAGES:
        blocks = re.findall(r"^```python\n(.*?)^```$", (REPOSITORY / page).read_text(), re.MULTILINE | re.DOTALL)
        assert blocks, f"{page} has no Python"
        for number, block in enumerate(blocks, 1):
            yield pytest.param(block, id=f"{page} block {number}")


@pytest.mark.parametrize("program", list(programs()))
def test_a_program_of_the_documentation_runs(server, program):
    token = server.new_person().api_token
    environment = os.environ | {"CLOUDFLARE_BASE_URL": f"{server.url}/client/v4", "CLOUDFLARE_API_TOKEN": token}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
