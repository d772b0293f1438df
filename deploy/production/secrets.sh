#!/usr/bin/env bash
# Makes the secrets of an installation for production, one file each: what is there already stays as it is.
set -euo pipefail

if [[ $# != 1 || $1 == -* ]]; then
  cat <<'HELP'
Usage: deploy/production/secrets.sh FOLDER

Makes a random secret for everything that compose.production.yaml asks for, one file each in FOLDER: passwords, the
key of links, and the URLs that services connect with. A file that is there already is left as it is, so that the
command can be run again after an upgrade. What it cannot make you bring yourself (deploy/README.md, In production):

  ca.pem                       the authority that both servers' certificates are from
  broker.pem, broker.key       for the name "broker", and for the name that outside systems reach it by
  database.pem, database.key   for the name "database"
  smtp_password                of the account on the mail server

BROKER_HOST and DATABASE_HOST name servers elsewhere in the URLs, each with its port: broker.example.org:5671.
HELP
  exit $(( $# == 1 ? 0 : 2 ))
fi

folder=$1
umask 022 # the folder is closed; a file in it is read in a container, by that container's own user
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
  for what in broker owner work; do
    password "${service}_${what}_password"
  done
  keep "${service}_broker_url" "$(broker "practio-$service" "${service}_broker_password")"
  keep "${service}_database_url" "$(database "practio_$service" "${service}_work_password")"
  keep "${service}_owner_database_url" "$(database "practio_${service}_owner" "${service}_owner_password")"
done
password pages_broker_password
keep pages_broker_url "$(broker pages pages_broker_password)"

lacking=()
for name in ca.pem {broker,database}.{pem,key} smtp_password; do
  [[ -s $folder/$name ]] || lacking+=("$name")
done
echo "secrets: ${lacking[*]:+yours to bring: }${lacking[*]:-$folder is whole}"
