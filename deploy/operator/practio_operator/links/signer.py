"""What signs links: the settings that notifications and pages have, or those of the stack that runs here."""

from pydantic import TypeAdapter, ValidationError

from practio_chassis.environment.production_checks import page_faults, secret_faults
from practio_contracts.links import Links, PagesUrl, keys_in
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.provisioning.settings import read_secret, refuse_if_production
from practio_operator.stack.home import find_home
from practio_operator.stack.services import http_url
from practio_operator.stack.stack import LINKS, load_stack

PAGES_URL, LINK_KEYS = "PRACTIO_PAGES_URL", "PRACTIO_LINK_KEYS"


def link_signer() -> Links:
    """Return what signs links; raise OperatorError if address or keys are missing, wrong, or unsafe in production."""
    url, keys = read_secret(PAGES_URL), read_secret(LINK_KEYS)
    if not url and not keys:
        return _of_the_stack_here()
    if not url or not keys:
        raise OperatorError(f"Set {PAGES_URL} and {LINK_KEYS} both, to what notifications and pages have.")
    try:
        address, signing = TypeAdapter(PagesUrl).validate_python(url), keys_in(keys)
    except ValidationError:
        raise OperatorError(f"{PAGES_URL} is not an address such as https://rooms.example.org.") from None
    except ValueError as error:
        raise OperatorError(f"{LINK_KEYS}: {error}.") from None
    refuse_if_production([*page_faults(PAGES_URL, address), *secret_faults(LINK_KEYS, signing)])
    return Links(address, signing)


def _of_the_stack_here() -> Links:
    stack = load_stack(find_home())
    if stack is None:
        raise OperatorError(
            f"No stack is up here: set {PAGES_URL} and {LINK_KEYS} to what notifications and pages have."
        )
    return Links(http_url(stack, PAGES), [stack.secrets[LINKS]])
