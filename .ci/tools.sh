# shellcheck shell=bash
# Where the tools of the gate come from. Each function answers whether the tool is there afterwards; what cannot be had
# is said aloud by its caller. Everything but Debian's packages is kept in target/tools.

tools=target/tools

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# The lists of packages once, however many packages are wanted.
lists_are_new=
update_lists() {
  [ -n "$lists_are_new" ] || as_root apt-get update -qq || return
  lists_are_new=yes
}
install() {
  update_lists && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$1"
}

# The tests start a PostgreSQL of their own; the package must not start another one.
have_postgres() { has_postgres || install_postgres; }
has_postgres() { command -v postgres > /dev/null || ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1; }
install_postgres() {
  as_root mkdir -p /etc/postgresql-common &&
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf > /dev/null &&
    install postgresql
}

# A proxy for the tests, which start it themselves; the package must not start another one.
have_nginx() { command -v nginx > /dev/null || [ -x /usr/sbin/nginx ] || install_nginx; }
install_nginx() {
  printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d > /dev/null &&
    as_root chmod +x /usr/sbin/policy-rc.d &&
    install nginx &&
    as_root rm /usr/sbin/policy-rc.d
}

# A browser, and the checks of accessibility that run in it.
have_chromium() { command -v chromium > /dev/null || install chromium; }
axe_version=4.14.1
have_axe() {
  [ -f $tools/axe-core/axe.min.js ] && return
  command -v npm > /dev/null || install npm || return
  mkdir -p $tools/axe-core
  (cd $tools/axe-core && npm pack --silent axe-core@$axe_version > /dev/null &&
    tar -xzf axe-core-$axe_version.tgz --strip-components=1 package/axe.min.js && rm axe-core-*.tgz)
}

have_cpp() { command -v c++ > /dev/null || install g++; }
have_shellcheck() { command -v shellcheck > /dev/null || install shellcheck; }

# Debian packs promtool with Prometheus itself, which would start: so the package is opened and not installed.
promtool=$tools/prometheus/usr/bin/promtool
have_promtool() {
  [ -x "$promtool" ] && return
  if command -v promtool > /dev/null; then
    promtool=promtool
    return
  fi
  mkdir -p $tools/prometheus
  update_lists &&
    (cd $tools/prometheus && apt-get -qq -o APT::Sandbox::User=root download prometheus &&
      dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb)
}

# hadolint, and the schemas of Kubernetes.
have_python_tools() {
  [ -x $tools/python/bin/hadolint ] && [ -x $tools/python/bin/kubernetes-validate ] && return
  python3 -m venv $tools/python && $tools/python/bin/pip install -q --disable-pip-version-check -r .ci/requirements.txt
}

# The conformance suite, which needs Node.js 22, and a client, with all that they need.
have_mcp_tools() {
  [ -x $tools/mcp/node_modules/.bin/node ] && [ -x $tools/mcp/python/bin/python ] && return
  command -v npm > /dev/null || install npm || return
  mkdir -p $tools/mcp && cp .ci/mcp/package.json .ci/mcp/package-lock.json $tools/mcp/ &&
    npm ci --silent --no-audit --no-fund --prefix $tools/mcp &&
    python3 -m venv $tools/mcp/python &&
    $tools/mcp/python/bin/pip install -q --disable-pip-version-check -r .ci/mcp/requirements.txt
}

# A tool that is not there is built.
have_cargo_tool() {
  [ -x "$tools/bin/$1" ] || cargo install "$1" --locked --quiet --debug --root $tools
}
