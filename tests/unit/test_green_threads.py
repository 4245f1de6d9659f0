"""Green threads are patched in without a word, and without a lock that stays a real one."""

import os
import subprocess
import sys

AS_SINCE_3_13_3 = """
import threading
from shop.green_threads import patch_standard_library

class Forgetful:
    def __del__(self, _active_limbo_lock=threading._active_limbo_lock, _active=threading._active):
        pass

threading._DeleteDummyThreadOnDel = Forgetful
patch_standard_library()
lock, active = Forgetful.__del__.__defaults__
print(lock is threading._active_limbo_lock, active is threading._active)
"""
AS_IT_IS = """
from shop.green_threads import patch_standard_library

patch_standard_library()
"""


def python(program):
    # Under pytest, eventlet keeps quiet about locks.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-W", "ignore", "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)


def test_a_lock_that_a_method_holds_as_a_default_is_replaced_as_well():
    done = python(AS_SINCE_3_13_3)

    assert (done.stdout, done.stderr) == ("True True\n", "")


def test_this_python_leaves_no_lock_behind():
    assert python(AS_IT_IS).stderr == ""
