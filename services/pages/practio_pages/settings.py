"""The settings of pages, from environment variables that start with ``PRACTIO_``."""

from collections.abc import Iterator
from typing import Literal

from practio_chassis.environment.production_checks import broker_faults, page_faults, secret_faults
from practio_chassis.settings import BrokerUrl, LogLevel, OtlpEndpoint, Port, SafeSettings
from practio_chassis.web.clients import Proxies, Rate
from practio_contracts.links import LinkKeys, Links, PagesUrl, keys_in
from practio_pages.rates import Meter


class Settings(SafeSettings):
    """The settings of pages; ``proxies`` are the trusted proxies, separated by commas.

    ``links_per_…``: how often one client, one mail address, and the whole site may request a link.
    ``invitations_per_client``: how often one client may invite an address. ``start_rooms``: who may start rooms by
    pages. ``self_introduction``: whether people whom nobody knows may say who they are.
    """

    broker_url: BrokerUrl
    pages_url: PagesUrl
    link_keys: LinkKeys
    proxies: Proxies = "127.0.0.1"
    http_host: str = "127.0.0.1"
    http_port: Port = 8080
    log_level: LogLevel = "info"
    otlp_endpoint: OtlpEndpoint = None
    links_per_client: Rate = "20 per hour"
    links_per_address: Rate = "3 per hour"
    links_per_site: Rate = "600 per hour"
    invitations_per_client: Rate = "200 per hour"
    start_rooms: Literal["everybody", "nobody"] = "everybody"
    self_introduction: Literal["off", "confirmed"] = "off"

    def faults(self) -> Iterator[str]:
        """Yield the faults of the broker's address, the site's own address and the keys."""
        yield from broker_faults("PRACTIO_BROKER_URL", self.broker_url.get_secret_value())
        yield from page_faults("PRACTIO_PAGES_URL", self.pages_url)
        yield from secret_faults("PRACTIO_LINK_KEYS", self.keys)

    @property
    def keys(self) -> list[str]:
        """Return the keys of links and forms, the newest first."""
        return keys_in(self.link_keys.get_secret_value())

    @property
    def links(self) -> Links:
        """Return the reader of links."""
        return Links(self.pages_url, self.keys)

    @property
    def meter(self) -> Meter:
        """Return the meter of requests for links, and of invitations."""
        return Meter(
            client=self.links_per_client,
            address=self.links_per_address,
            site=self.links_per_site,
            inviting=self.invitations_per_client,
        )
