"""What clients of plain HTTP need, and what they need not."""

import ssl

NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of plain HTTP. By default each reads the machine's authorities, which takes 30 ms of computing, at every
look at a server that is starting; this trusts nobody, so that over TLS nothing could be reached with it."""
