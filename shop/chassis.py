"""The former place of `shop.service.logs`: configurations of earlier versions name it `shop.chassis.logs`."""

from shop.service import logs

__all__ = ["logs"]
