#!/bin/sh
# Writes the secrets of compose.yml into deploy/container/secrets/, once; what stands already is kept.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { test -s "secrets/$1" || printf '%s\n' "$2" > "secrets/$1"; }
keep postgres_password "$(random)"
keep owner_database_url "postgresql://orrery_owner:$(random)@postgres:5432/orrery"
keep database_url "postgresql://orrery_app:$(random)@postgres:5432/orrery"
password=$(random) worker_password=$(random)
keep redis_url "redis://:$password@valkey:6379/0"
keep worker_broker_url "redis://worker:$worker_password@valkey:6379/0"
password=$(sed 's,.*://:,,; s,@.*,,' secrets/redis_url)
worker_password=$(sed 's,.*worker:,,; s,@.*,,' secrets/worker_broker_url)
keep valkey.conf "requirepass $password
save \"\"
appendonly no
user worker on >$worker_password resetkeys ~orrery.* ~_kombu.* ~unacked* resetchannels +@all -@admin -@dangerous +info"
keep secret_key "$(random)"
keep encryption_key "$(random)"
# The image's user, 10001, must be able to read them; the folder keeps everybody else on this machine out.
chmod 0700 secrets
chmod 0444 secrets/*
