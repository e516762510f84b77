"""Pages and API: thin, the workflows live in the rooms."""

from allpoints.web.application import create_app
from allpoints.web.server import AddressUnusable, PortTaken, serve_web

__all__ = ["AddressUnusable", "PortTaken", "create_app", "serve_web"]
