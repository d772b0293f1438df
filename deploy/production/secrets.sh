#!/usr/bin/env bash
# Create the secrets of an installation for production, one file each; existing files stay as they are.
set -euo pipefail

if [[ $# != 1 || $1 == -* ]]; then
  cat <<'HELP'
Usage: deploy/production/secrets.sh FOLDER

Creates a random secret for everything that compose.production.yaml needs, one file each in FOLDER: passwords, the
key of links, and the URLs with which services connect. Existing files are kept, so you can run it again after an
upgrade. Add these files yourself (deploy/README.md, In production):

  ca.pem                       the authority of both servers' certificates
  broker.pem, broker.key       for the name "broker", and for the name by which outside systems reach it
  database.pem, database.key   for the name "database"
  smtp_password                of the account on the mail server
  mailbox_broker_url, mailbox_url   only with --profile mailbox (deploy/README.md, The mailbox of letters)

BROKER_HOST and DATABASE_HOST name servers elsewhere in the URLs, each with its port: broker.example.org:5671. With a
standby of the database (compose.production.database-standby.yaml), add database-standby.pem and database-standby.key for
its name, and set DATABASE_HOST=database:5432,database-standby:5432.
HELP
  exit $(( $# == 1 ? 0 : 2 ))
fi

folder=$1
umask 022 # only the owner may enter the folder; each file is read in a container, by the container's own user
mkdir -p "$folder"
chmod 700 "$folder"

keep() { # NAME VALUE
  [[ -s $folder/$1 ]] || printf '%s\n' "$2" >"$folder/$1"
}
password() { # NAME
  keep "$1" "$(openssl rand -hex 24)"
}
broker() { # ACCOUNT PASSWORD
  echo "amqps://$1:$(<"$folder/$2")@${BROKER_HOST:-broker:5671}/practio?cafile=/run/secrets/ca"
}
database() { # ROLE PASSWORD
  echo "postgresql://$1:$(<"$folder/$2")@${DATABASE_HOST:-database:5432}/practio?sslmode=verify-full&sslrootcert=/run/secrets/ca"
}

password link_keys
password broker_password
password erlang_cookie
password grafana_password
password database_password
keep admin_broker_url "$(broker practio-admin broker_password)"
keep admin_database_url "$(database practio_admin database_password)"
for service in rooms membership notifications; do
  for kind in broker owner work; do
    password "${service}_${kind}_password"
  done
  keep "${service}_broker_url" "$(broker "practio-$service" "${service}_broker_password")"
  keep "${service}_database_url" "$(database "practio_$service" "${service}_work_password")"
  keep "${service}_owner_database_url" "$(database "practio_${service}_owner" "${service}_owner_password")"
done
password pages_broker_password
keep pages_broker_url "$(broker pages pages_broker_password)"

missing=()
for name in ca.pem {broker,database}.{pem,key} smtp_password; do
  [[ -s $folder/$name ]] || missing+=("$name")
done
echo "secrets: ${missing[*]:+still missing: }${missing[*]:-$folder is complete}"
