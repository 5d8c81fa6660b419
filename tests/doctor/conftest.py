import os
import socket

import pytest
from fake_carrier import FakeCarrier
from proxied import write_certificates
from ward import Ward, resolving


@pytest.fixture(scope="module")
def _ward(tmp_path_factory, empty_database):
    folder = tmp_path_factory.mktemp("ward")
    with pytest.MonkeyPatch.context() as patch, FakeCarrier() as carrier:
        patch.setattr(socket, "getaddrinfo", resolving())
        patch.setenv("SSL_CERT_FILE", str(write_certificates(folder)))
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patch.delenv(name)
        ward = Ward(folder, empty_database, carrier)
        yield ward
        ward.close()


@pytest.fixture
def ward(_ward):
    """A line that is well."""
    _ward.recover()
    return _ward
