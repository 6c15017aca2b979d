"""The way out of a machine without a proxy."""

from paperwire.network import Network
from paperwire.ports.options import NetworkOptions

DIRECT = Network(NetworkOptions())
