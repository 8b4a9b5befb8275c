#!/bin/sh
# celery 5.7.0 with redis 8.1.0 as broker needs the package `packaging`, which neither of them nor kombu 5.7.0 declares:
# a fresh environment installs without complaint, and the first connection raises
#   ModuleNotFoundError: No module named 'packaging'
# Whoever installs with `celery[redis]` or the bare pair gets it only where another package brings `packaging` along.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check celery==5.7.0 kombu==5.7.0 redis==8.1.0
seen=$("$folder/venv/bin/python" - <<'PYTHON'
import celery

try:
    celery.Celery(broker="redis://127.0.0.1:1/0").connection().transport
    print("connected to the transport")
except ModuleNotFoundError as error:
    print(error)
PYTHON
)
[ "$seen" = "No module named 'packaging'" ] || { echo "seen now: $seen"; exit 1; }
echo "celery 5.7.0, kombu 5.7.0, redis 8.1.0: $seen"
