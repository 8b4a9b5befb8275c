"""Each file under deploy/ as its own reader sees it, where that reader is installed."""

import datetime
import json
import shutil
import subprocess

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.deploy import files


def reader(program: str) -> str:
    path = shutil.which(program, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    if path is None:
        pytest.skip(f"{program} is not installed here")
    return path


def test_systemd_understands_every_unit(tmp_path):
    """With a program that exists in place of ours, which is not installed here."""
    program = reader("systemd-analyze")
    for path in files.UNITS:
        text = path.read_text().replace("/opt/orrery/bin/orrery", "/bin/true")
        (tmp_path / path.name).write_text(text)
    units = [str(tmp_path / path.name.replace("@.", "@default.")) for path in files.UNITS]
    shutil.copy(tmp_path / "orrery-worker@.service", tmp_path / "orrery-worker@default.service")
    done = subprocess.run([program, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "orrery-" in line] == []


def certificate(folder) -> None:
    """Names and key that nginx wants to read before it believes its configuration."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "flows.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    (folder / "crt").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    kind = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key").write_bytes(key.private_bytes(*kind))


def test_nginx_understands_its_file(tmp_path):
    program = reader("nginx")
    certificate(tmp_path)
    text = (files.DEPLOY / "nginx/orrery.conf").read_text()
    for kind in ("crt", "key"):
        text = text.replace(f"/etc/nginx/tls/flows.example.com.{kind}", str(tmp_path / kind))
    (tmp_path / "orrery.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; include {tmp_path}/orrery.conf; }}\n"
    )
    command = [program, "-t", "-q", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_kustomize_puts_the_manifests_together():
    program = reader("kubectl")
    done = subprocess.run(
        [program, "kustomize", str(files.DEPLOY / "kubernetes")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made = list(yaml.safe_load_all(done.stdout))
    kinds = sorted(manifest["kind"] for manifest in made)
    assert kinds == ["ConfigMap", "Deployment", "Deployment", "Deployment", "Ingress", "Job", "Namespace", "Service"]
    assert "image: orrery\n" not in done.stdout
    (configuration,) = [manifest["metadata"]["name"] for manifest in made if manifest["kind"] == "ConfigMap"]
    assert json.dumps(made).count(f'"{configuration}"') == 3
