"""The `shop` command.

Green threads have to be patched in before any other import. Commands that only talk to a running shop skip that, and
start fast.
"""

import sys
import warnings

from shop.green_threads import patch_standard_library

PATCHED = ("run", "serve", "load", "chaos")
"""Commands that need green threads, since they run many tasks in this process."""


def main() -> None:
    """Entry point of the `shop` command."""
    # eventlet warns at each import that it is in bugfix mode; Nameko 2.14 is built on it.
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    command = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    if command in PATCHED:
        patch_standard_library()
        from shop.http.listening import allow_many_files

        allow_many_files()
    from shop_cli.commands import shop

    shop()


if __name__ == "__main__":
    main()
