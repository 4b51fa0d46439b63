#!/bin/sh
# Makes what the profile "scale" of compose.yaml needs and no repository may hold: passwords, an admin key, and a
# certificate that nobody has signed. All in the folder "local" beside this file, readable by its owner only. What
# is there is kept, so running it again changes nothing.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p local/tls

# $1: the file; the text on standard input. Whole or not there: half a file would be kept for ever.
keep() {
  if [ -e "local/$1" ]; then
    cat >/dev/null
    echo "kept local/$1"
  else
    cat >"local/$1.new"
    mv "local/$1.new" "local/$1"
    echo "made local/$1"
  fi
}

# The password is in both files, so a new one for one of them would lock the instances out.
password=$(openssl rand -hex 24)
if [ -e local/onhand.env ]; then
  password=$(sed -n 's|^DATABASE_URL=postgres://onhand:\([0-9a-f]*\)@.*|\1|p' local/onhand.env)
elif [ -e local/postgres.env ]; then
  password=$(sed -n 's|^POSTGRES_PASSWORD=||p' local/postgres.env)
fi
keep postgres.env <<END
POSTGRES_USER=onhand
POSTGRES_PASSWORD=$password
POSTGRES_DB=onhand
END
keep onhand.env <<END
DATABASE_URL=postgres://onhand:$password@postgres:5432/onhand
ONHAND_ADMIN_KEY=ohk_$(openssl rand -hex 32)
END
keep grafana.env <<END
GF_SECURITY_ADMIN_USER=admin
GF_SECURITY_ADMIN_PASSWORD=$(openssl rand -hex 24)
GF_ANALYTICS_REPORTING_ENABLED=false
END

if [ -e local/tls/onhand.crt ]; then
  echo "kept local/tls/onhand.crt"
else
  openssl req -x509 -days 365 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj /CN=onhand.example -addext subjectAltName=DNS:onhand.example,DNS:localhost,IP:127.0.0.1 \
    -keyout local/tls/onhand.key -out local/tls/onhand.crt.new 2>/dev/null
  mv local/tls/onhand.crt.new local/tls/onhand.crt
  echo "made local/tls/onhand.crt"
fi
