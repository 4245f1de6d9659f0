"""Runs the back office alone: `python -m backoffice_web`, with GATEWAY_ADDRESS and BACKOFFICE_ADDRESS."""

import warnings

from shop.green_threads import patch_standard_library

# eventlet warns at each import that it is in bugfix mode; Nameko 2.14 is built on it.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
patch_standard_library()

from backoffice_web.app import create_app
from shop.web.program import serve

if __name__ == "__main__":
    serve(create_app, name="back office", address_variable="BACKOFFICE_ADDRESS", default="127.0.0.1:8002")
