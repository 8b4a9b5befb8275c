"""Assertions as another library reads them: PyJWT, which signs nothing here."""

from __future__ import annotations

import datetime

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from stores.credentials.assertions import lasting, signed
from stores.credentials.refusals import MintFailed

RSA = rsa.generate_private_key(65537, 2048)
KEYS = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
FORMATS = (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL)


def pem(key, form=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", *KEYS])
def test_each_algorithm_is_read_by_others(algorithm):
    key = KEYS.get(algorithm, RSA)
    text = signed(lasting({"iss": "a", "aud": "b"}), private_key=pem(key), algorithm=algorithm, key_id="k")
    claims = jwt.decode(text, key.public_key(), algorithms=[algorithm], audience="b", issuer="a")
    assert claims["exp"] - claims["iat"] == 300 and len(claims["jti"]) == 36
    assert jwt.get_unverified_header(text) == {"alg": algorithm, "kid": "k", "typ": "JWT"}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("key", [RSA, KEYS["ES256"]], ids=["RSA", "EC"])
def test_a_key_is_read_in_both_forms_of_pem(key, form):
    algorithm = "RS256" if key is RSA else "ES256"
    text = signed(lasting({"aud": "b"}), private_key=pem(key, form), algorithm=algorithm)
    assert jwt.decode(text, key.public_key(), algorithms=[algorithm], audience="b")


def test_a_curve_that_is_none_of_the_algorithm_is_told():
    with pytest.raises(MintFailed) as refused:
        signed({}, private_key=pem(KEYS["ES384"]), algorithm="ES256")
    assert refused.value.step == "signature" and "ES256" in refused.value.message


def test_a_key_under_a_password_is_told():
    locked = RSA.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"pass"),
    ).decode()
    with pytest.raises(MintFailed, match="is no RSA key in PEM"):
        signed({}, private_key=locked)


def test_the_thumbprints_of_a_certificate_go_into_the_header():
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
    at = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, RSA.public_key(), 1, at, at + datetime.timedelta(days=1))
    made = builder.sign(RSA, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    header = jwt.get_unverified_header(signed({}, private_key=pem(RSA), certificate=made))
    assert (len(header["x5t"]), len(header["x5t#S256"])) == (27, 43)
    with pytest.raises(MintFailed, match="the certificate is none in PEM"):
        signed({}, private_key=pem(RSA), certificate="no certificate")
