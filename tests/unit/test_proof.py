"""The parts of `make compose-test` that can be wrong without an engine."""

import pytest

from deploy.proof import images
from deploy.proof.packages import pins_for

LOCKED = """\
async-timeout==5.0.1 ; python_full_version < '3.11.3' \\
    --hash=sha256:aa
    # via redis
deprecated==1.3.1 ; python_full_version < '3.12' \\
    --hash=sha256:bb
deprecated==3.0.1 ; python_full_version >= '3.12' \\
    --hash=sha256:cc
tzdata==2026.6 ; sys_platform == 'win32' \\
    --hash=sha256:dd
zope==1.0 \\
    --hash=sha256:ee \\
    --hash=sha256:ff
"""


@pytest.mark.parametrize(
    ("python", "pinned"),
    [
        ("3.11.2", ["async-timeout==5.0.1", "deprecated==1.3.1", "zope==1.0"]),
        ("3.11.16", ["deprecated==1.3.1", "zope==1.0"]),
        ("3.13.1", ["deprecated==3.0.1", "zope==1.0"]),
    ],
)
def test_what_is_downloaded_is_what_the_python_of_the_image_needs(python, pinned):
    pins = pins_for(LOCKED, python)

    assert [line.removesuffix(" \\") for line in pins.splitlines() if not line.startswith(" ")] == pinned
    assert pins.endswith("zope==1.0 \\\n    --hash=sha256:ee \\\n    --hash=sha256:ff\n")


def test_every_image_has_a_stand_in():
    wanted = {"python", *images.server_images()}

    assert {path.parent.name for path in images.STAND_INS.glob("*/Dockerfile")} == wanted
    assert images.python_image().startswith("python:3.11.")
