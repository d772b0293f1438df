#!/usr/bin/env bash
# One of three RabbitMQ nodes in a container: `member.sh [SCRIPT]` starts it, `member.sh healthy` tests whether it serves.
set -euo pipefail

data=/var/lib/rabbitmq
joined=$data/joined # created once this node has been seen in a cluster; deleted with the data

takes_clients() { # in plain text, or over TLS
  { : </dev/tcp/127.0.0.1/5672 || : </dev/tcp/127.0.0.1/5671; } 2>/dev/null
}

is_a_member() { # RabbitMQ's own tools start an Erlang machine each time, so they are asked only until the first success
  [[ -e $joined ]] && return
  rabbitmqctl --silent --formatter=json cluster_status | grep --quiet '"disk_nodes":\["[^]]*",' && touch "$joined"
}

if [[ ${1:-} == healthy ]]; then
  takes_clients && is_a_member
  exit
fi

install --owner=rabbitmq --group=rabbitmq --mode=400 /run/secrets/erlang_cookie "$data/.erlang.cookie"
# New nodes join the largest cluster or, if equal, the oldest node. That must be the first node, which may have the data
# of an earlier single broker: so the others start after it. Nodes that have joined do not wait.
if [[ $HOSTNAME != broker-1 && ! -e $joined ]]; then
  trap exit TERM
  until { : </dev/tcp/broker-1/25672; } 2>/dev/null; do sleep 1; done
fi
if (($#)); then exec bash -euc "$@"; fi
exec docker-entrypoint.sh rabbitmq-server
