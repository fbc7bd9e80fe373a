#!/usr/bin/env bash
# Install the foreign SOAP clients that tests/interop plays against the service: PHP, Node and Mono.
#
#   bash scripts/install_interop.sh
#
# Safe to run again; only what is missing is installed. Debian's packages need root (or sudo without a
# password); Node's library goes into .interop/ beside the sources, which git ignores.
# zeep, the fourth client, is a Python package and stands in the dependency group "test".
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
command -v php >/dev/null || packages+=(php-cli)
php -r 'exit(extension_loaded("soap") ? 0 : 1);' >/dev/null 2>&1 || packages+=(php-soap)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
command -v mono >/dev/null || packages+=(mono-runtime)
command -v mcs >/dev/null || packages+=(mono-mcs)
command -v wsdl >/dev/null || packages+=(mono-devel)

if [ ${#packages[@]} -gt 0 ]; then
    echo "== installing ${packages[*]}"
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]+"${as_root[@]}"}" apt-get update -qq
    "${as_root[@]+"${as_root[@]}"}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

if [ ! -d .interop/node_modules/soap ]; then
    echo "== installing Node's soap into .interop"
    mkdir -p .interop
    npm install --prefix .interop --no-save --no-audit --no-fund --loglevel=error soap@1 >/dev/null
fi

echo "interop clients: php $(php -r 'echo PHP_VERSION;'), node $(node --version)," \
    "soap $(node -p "require('./.interop/node_modules/soap/package.json').version")," \
    "mono $(mono --version | sed -n '1s/.*version \([0-9.]*\).*/\1/p')"
