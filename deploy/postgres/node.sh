#!/usr/bin/env bash
# One of two PostgreSQL servers in a container: the primary, or the standby that follows it. Its data say which it is.
#
#   node.sh serve     start the server; without data, first copy those of the other one
#   node.sh promote   make this standby the primary (its server runs, the other one is stopped); says what it has
#   node.sh renumber  let the services number events above all that a lost primary published (the services are stopped)
#   node.sh rejoin    make an old primary a standby (its server is stopped), without what the new primary does not have
#   node.sh renew     throw the data away and copy those of the primary (the server is stopped)
#
# NODE and PEER are the names of this server and the other; SYNCHRONOUS=on lets each commit wait for the other.
set -euo pipefail

[[ -z ${POSTGRES_PASSWORD_FILE:-} ]] || POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
export PGPASSWORD=$POSTGRES_PASSWORD # for every program that connects to the other server, also the one that receives WAL
slot=${NODE//-/_}
peer="host=$PEER user=$POSTGRES_USER connect_timeout=3 ${PEER_OPTIONS:-}"

say() { echo "node.sh: $*" >&2; }
refuse() { say "$*"; exit 1; }

peer_leads() {
  [[ $(psql "$peer dbname=$POSTGRES_DB" --no-psqlrc -Atc 'SELECT pg_is_in_recovery()' 2>/dev/null) == f ]]
}

own() { # SQL, to this node's server
  psql --no-psqlrc -Atc "$1" --username="$POSTGRES_USER" --dbname="$POSTGRES_DB"
}

make_slot() { # a new one: the old one may have lost the WAL that it stood for
  psql "$peer dbname=$POSTGRES_DB" --no-psqlrc --quiet --output=/dev/null --set=ON_ERROR_STOP=1 <<SQL
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$slot' AND NOT active;
SELECT pg_create_physical_replication_slot('$slot', true)
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$slot');
SQL
}

copy() {
  install --directory --owner=postgres --group=postgres --mode=700 "$PGDATA"
  find "$PGDATA" -mindepth 1 -delete
  make_slot
  gosu postgres pg_basebackup --dbname="$peer" --pgdata="$PGDATA" --wal-method=stream --slot="$slot" --checkpoint=fast
  gosu postgres touch "$PGDATA/standby.signal"
  say "the data of $PEER are copied"
}

begin() { # the image makes the data; not by SYNCHRONOUS yet, or it would wait for a standby that waits for the data
  docker-entrypoint.sh postgres -c port=5431 &
  until pg_isready --quiet --host=127.0.0.1 --port=5431; do
    [[ -d /proc/$! ]] || refuse "the data could not be made"
    sleep 0.2
  done
  gosu postgres pg_ctl --pgdata="$PGDATA" --silent --wait stop
}

has_data() { # pg_basebackup writes this file last
  [[ -s $PGDATA/global/pg_control ]]
}

ready_to_change() {
  ! pg_isready --quiet --host="$NODE" --timeout=3 || refuse "$NODE runs: stop it first"
  peer_leads || refuse "$PEER is no primary that answers: there is nobody to follow"
}

case ${1:-serve} in
  serve)
    if has_data; then
      if [[ ! -e $PGDATA/standby.signal ]] && peer_leads; then
        refuse "$PEER is the primary, and these data would make a second one: rejoin (deploy/README.md)"
      fi
    elif [[ ${FOLLOWS:-} ]]; then
      trap exit TERM INT
      until peer_leads; do sleep 1; done
      copy
    elif peer_leads; then
      copy
    else
      begin
    fi
    names= # a standby that is promoted would wait for the lost one: it waits for a standby from its next start on
    [[ ${SYNCHRONOUS:-off} != on || -e $PGDATA/standby.signal ]] || names=${PEER//-/_}
    exec docker-entrypoint.sh postgres -c max_connections=200 -c log_error_verbosity=terse \
      -c hba_file=/etc/practio/pg_hba.conf \
      -c wal_log_hints=on -c wal_keep_size=512MB -c max_slot_wal_keep_size="${KEPT_WAL:-4GB}" \
      -c hot_standby=on -c hot_standby_feedback=on \
      -c primary_conninfo="$peer application_name=$slot" -c primary_slot_name="$slot" \
      -c synchronous_standby_names="$names" "${@:2}"
    ;;
  promote)
    ! peer_leads || refuse "$PEER is still the primary: stop it first"
    [[ $(own 'SELECT pg_promote()') == t ]] || refuse "$NODE was not promoted within a minute; its log says why"
    last=$(own 'SELECT pg_last_xact_replay_timestamp()')
    say "$NODE is the primary; its last commit is of ${last:-a time before it was started}"
    say "what $PEER committed later is lost; then renumber, with the services stopped (deploy/README.md)"
    ;;
  renumber) # as a restore does
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<SQL
$(for schema in rooms membership notifications; do
      echo "DELETE FROM $schema.numbering;"
      echo "INSERT INTO $schema.numbering SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000);"
    done)
SQL
    say "events are numbered from now on"
    ;;
  rejoin)
    ready_to_change
    # PostgreSQL 15 finds nothing to rewind before the new primary's first checkpoint, which takes minutes by itself.
    psql "$peer dbname=$POSTGRES_DB" --no-psqlrc --quiet -c CHECKPOINT
    echo 'wal_log_hints = on' >/tmp/rewind.conf # of a server that was killed, which is started once to recover
    gosu postgres pg_rewind --config-file=/tmp/rewind.conf --target-pgdata="$PGDATA" \
      --source-server="$peer dbname=$POSTGRES_DB" ||
      refuse "the data cannot be rewound: renew copies those of $PEER instead"
    find "$PGDATA/pg_replslot" -mindepth 1 -delete # they were for who followed this server
    make_slot
    gosu postgres touch "$PGDATA/standby.signal"
    say "$NODE follows $PEER once it is started"
    ;;
  renew)
    ready_to_change
    copy
    ;;
  *) refuse "serve, promote, rejoin or renew, not $1" ;;
esac
