"""Runs the storefront alone: `python -m storefront_web`, with GATEWAY_ADDRESS and STOREFRONT_ADDRESS."""

import warnings

from shop.green_threads import patch_standard_library

# eventlet warns at each import that it is in bugfix mode; Nameko 2.14 is built on it.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
patch_standard_library()

from shop.web.program import serve
from storefront_web.app import create_app

if __name__ == "__main__":
    serve(create_app, name="storefront", address_variable="STOREFRONT_ADDRESS", default="127.0.0.1:8001")
